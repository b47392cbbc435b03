"""The panes of the rule editor: what is committed was built from what stands in `editor/`."""

import hashlib
import json
import re

from tests.laws.tree import ROOT

FOLDER = ROOT / "editor"


def built():
    return (ROOT / "static/js/editor.js").read_text()


def test_the_bundle_was_built_from_its_sources():
    names = re.search(r"SOURCES = \[(.*)\]", (FOLDER / "build.mjs").read_text())[1]
    digest = hashlib.sha256()
    for name in re.findall(r'"(.+?)"', names):
        digest.update((FOLDER / name).read_bytes())

    assert digest.hexdigest() in built().partition("\n")[0], "run `make editor`"
    assert "sourceMappingURL" not in built()


def test_every_source_counts():
    names = re.search(r"SOURCES = \[(.*)\]", (FOLDER / "build.mjs").read_text())[1]

    assert {path.name for path in FOLDER.glob("*.*js*")} - {"package.json"} == set(
        re.findall(r'"(.+?)"', names)
    )


def test_packages_are_pinned_by_hash_and_name_no_registry():
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    wanted = json.loads((FOLDER / "package.json").read_text())
    installed = {name: one for name, one in packages.items() if name}

    assert all(one["integrity"].startswith("sha512-") for one in installed.values())
    assert not any("resolved" in one for one in installed.values())
    assert all(
        re.fullmatch(r"[0-9.]+", version)
        for version in (*wanted["dependencies"].values(), *wanted["devDependencies"].values())
    )


def test_the_license_of_every_bundled_package_is_there():
    licenses = (ROOT / "static/js/editor-LICENSES.txt").read_text()
    named = re.findall(r"^(\S+) [0-9.]+ \((\w+)\)$", licenses, re.MULTILINE)

    assert {kind for _name, kind in named} == {"MIT"}
    assert {"@codemirror/view", "@codemirror/state", "@lezer/python"} <= {n for n, _kind in named}
    assert licenses.count("Permission is hereby granted") == len(named)
