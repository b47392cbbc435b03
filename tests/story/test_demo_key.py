"""The sample shop holds the weaknesses and look-alikes that its answer key lists, and no others."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

DEMO = Path(__file__).resolve().parents[2] / "demo"
KEY = json.loads((DEMO / "expected.json").read_text())
CHANGE = json.loads((DEMO / "expected_change.json").read_text())
GIVEAWAY = re.compile(
    r"(?i)vulnerab|\binsecure\b|unsafe|exploit|attack|injection|traversal|nosem|\bsafe\b|CWE|OWASP"
)


def matches_in(folder):
    """What the real scanner reports for a folder: path, rule, and the text of the first line."""
    environment = {
        **os.environ,
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_SEND_METRICS": "off",
    }
    command = [
        *(settings.SEMGREP_PROGRAM, "scan", "--experimental", "--json", "--no-rewrite-rule-ids"),
        *("--metrics=off", "--disable-version-check", "--no-git-ignore"),
        *("--config", str(DEMO / "rules"), "."),
    ]
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, env=environment
    )
    report = json.loads(ended.stdout)
    assert report["errors"] == []
    return [
        (match["path"], match["check_id"], first_line(folder, match)) for match in report["results"]
    ]


def first_line(folder, match):
    lines = (folder / match["path"]).read_text().splitlines()
    return lines[match["start"]["line"] - 1]


def is_meant(entry, match):
    path, rule, line = match
    return (path, rule) == (entry["path"], entry["rule"]) and entry["line_contains"] in line


def unlisted(matches, key):
    return [match for match in matches if not any(is_meant(entry, match) for entry in key)]


def not_reported_once(matches, key):
    counts = [sum(is_meant(entry, match) for match in matches) for entry in key]
    return [entry for entry, count in zip(key, counts, strict=True) if count != 1]


@pytest.fixture(scope="module")
def shop_matches():
    return matches_in(DEMO / "shop")


@pytest.fixture(scope="module")
def change_matches(tmp_path_factory):
    """The scan of the shop with the change request's files laid over it."""
    folder = tmp_path_factory.mktemp("change") / "shop"
    shutil.copytree(DEMO / "shop", folder)
    shutil.copytree(DEMO / "change", folder, dirs_exist_ok=True)
    return matches_in(folder)


def test_the_key_has_enough_of_both_kinds():
    kinds = Counter(entry["kind"] for entry in KEY)

    assert kinds["weakness"] >= 18
    assert kinds["look_alike"] >= 12
    assert set(kinds) == {"weakness", "look_alike"}
    assert all(entry["why"] for entry in KEY)


def test_the_code_does_not_give_the_answers_away():
    files = [
        path
        for folder in ("shop", "change")
        for path in (DEMO / folder).rglob("*")
        if path.is_file()
    ]

    told = {
        str(path.relative_to(DEMO)): GIVEAWAY.findall(path.read_text())
        for path in files
        if GIVEAWAY.search(path.read_text())
    }
    assert len(files) >= 25
    assert told == {}


@pytest.mark.semgrep
def test_every_entry_of_the_key_is_reported_once(shop_matches):
    assert not_reported_once(shop_matches, KEY) == []


@pytest.mark.semgrep
def test_nothing_is_reported_that_the_key_does_not_list(shop_matches):
    assert unlisted(shop_matches, KEY) == []
    assert len(shop_matches) == len(KEY)


@pytest.mark.semgrep
def test_the_change_request_adds_two_weaknesses_and_a_look_alike_and_fixes_one(change_matches):
    kept = [entry for entry in KEY if entry not in CHANGE["fixed"]]

    assert Counter(e["kind"] for e in CHANGE["added"]) == {"weakness": 2, "look_alike": 1}
    assert [entry["kind"] for entry in CHANGE["fixed"]] == ["weakness"]
    assert not_reported_once(change_matches, kept + CHANGE["added"]) == []
    assert unlisted(change_matches, kept + CHANGE["added"]) == []
