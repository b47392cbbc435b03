"""The folder map of CONTRIBUTING.md names what exists, and every folder stands in it."""

import itertools
import re

from tests.laws.tree import APPS, ROOT, read

NAME = re.compile(r"\.?[a-z_A-Z-]+(?:\.(?:py|md|yml|toml)|/[a-z_/]*)|Makefile")
NOT_IN_THE_MAP = {".git", ".github", ".idea", ".vscode", "node_modules", "staticfiles"}


def entries():
    """Yield the paths of the map's left column, below their folder."""
    text = read(ROOT / "CONTRIBUTING.md").partition("## Folder map")[2].split("```")[1]
    folder = ""
    for line in text.strip().splitlines():
        if line.startswith("   "):
            continue  # what is said goes on
        names = list(itertools.takewhile(NAME.fullmatch, line.split()))
        if line.startswith("  "):
            yield from (folder + name for name in names)
        else:
            folder = names[0]
            yield from names


def test_what_the_map_names_exists():
    assert [path for path in entries() if not (ROOT / path).exists()] == []


def test_every_folder_stands_in_the_map():
    named = {path.partition("/")[0] for path in entries() if "/" in path}
    there = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".venv", ".data", ".cache", "."))
    }

    assert there - NOT_IN_THE_MAP - {"build"} <= named
    assert set(APPS) <= named
