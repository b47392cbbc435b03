"""The files of this checkout, as git knows them: kept or about to be."""

import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Code that others would have written: samples with weaknesses, rules and their tests.
SAMPLES = ("demo/shop/", "demo/rules/", ".semgrep/", "tests/payloads/")
APPS = (
    "assistant_platform",
    "pipeline",
    "console",
    "api",
    "insights",
    "triage",
    "findings",
    "rules",
    "integrations",
    "llm",
    "tenants",
    "core",
)


@functools.cache
def files(*endings):
    """Return our files with these endings, as paths below the root; samples left out."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = [name for name in listing.split("\0") if name and not name.startswith(SAMPLES)]
    return tuple(
        path
        for path in map(Path, sorted(names))
        if path.suffix in endings and (ROOT / path).is_file()
    )


@functools.cache
def read(path):
    return (ROOT / path).read_text()


def python_of_the_product():
    """Return the modules of the apps, without migrations."""
    return [
        path for path in files(".py") if path.parts[0] in APPS and "migrations" not in path.parts
    ]


def matches(pattern, paths):
    """Return `path:line text` of every line that a compiled pattern finds."""
    return [
        f"{path}:{number} {line.strip()}"
        for path in paths
        for number, line in enumerate(read(path).splitlines(), start=1)
        if pattern.search(line)
    ]
