"""The rules that come with the product: our own pack, which the demo uses too."""

from pathlib import Path

from django.conf import settings

from rules.uploads import Package, Upload, read_uploads

NAME = "Shipped"
# The pack stands where the demo and the tests of its rules have it; images have the folder too.
PACK = Path(settings.BASE_DIR) / "demo" / "rules"


def shipped_rules() -> Package:
    """Read the pack, the rules with their tests."""
    files = sorted(path for path in PACK.rglob("*") if path.is_file())
    return read_uploads(
        [Upload(name=str(path.relative_to(PACK)), body=path.read_bytes()) for path in files]
    )
