"""A rule's own fix, filled in by the scanner and made an edit."""

import pytest

from remediation.edits import apply_edits
from remediation.rule_fixes import NOT_ALONE, NOT_FOUND, WantedFix, edit_at, rule_fixes

pytestmark = pytest.mark.semgrep
CODE = """\
import hashlib
import yaml


def read(é, text):
    name = "ééé"; one = yaml.load(text["a"], Loader=yaml.Loader)
    two = yaml.load(text["b"], Loader=yaml.Loader)
    return hashlib.md5(one), two
"""
LOAD = {
    "id": "acme.load",
    "languages": ["python"],
    "severity": "HIGH",
    "message": "m",
    "pattern": "yaml.load($DOCUMENT, ...)",
    "fix": "yaml.safe_load($DOCUMENT)",
    "paths": {"include": ["/never/"]},
}
HASH = {
    "id": "acme.hash",
    "languages": ["python"],
    "severity": "HIGH",
    "message": "m",
    "pattern": "hashlib.md5(...)",
    "fix-regex": {"regex": r"md5\(", "replacement": "sha256("},
}


def wanted(key, definition, line, **values):
    return WantedFix(
        **{
            "key": key,
            "path": "shop/a.py",
            "text": CODE,
            "definition": definition,
            "start_line": line,
            "end_line": line,
            **values,
        }
    )


def test_metavariables_and_expressions_are_filled_in_for_all_at_once():
    found = rule_fixes([wanted("a", LOAD, 6), wanted("b", LOAD, 7), wanted("c", HASH, 8)])

    edits = [edit for key in "abc" for edit in found[key].edits]
    text = apply_edits(original=CODE, edits=edits).text
    assert 'name = "ééé"; one = yaml.safe_load(text["a"])\n' in text
    assert 'two = yaml.safe_load(text["b"])\n' in text
    assert "return hashlib.sha256(one), two\n" in text


def test_a_place_that_the_rule_does_not_match_has_no_fix():
    assert rule_fixes([wanted("a", LOAD, 2)])["a"].problem == NOT_FOUND


def test_a_rule_that_breaks_the_scanner_costs_no_other_its_fix():
    broken = {**LOAD, "id": "acme.broken", "pattern": "def (((", "fix": "x"}

    found = rule_fixes([wanted("a", LOAD, 6), wanted("b", broken, 6)])

    assert len(found["a"].edits) == 1
    assert found["b"].edits == ()
    assert found["b"].problem


def test_two_matches_on_one_line_are_told_apart_by_their_column():
    text = "import yaml\na, b = yaml.load(x, 1), yaml.load(y, 1)\n"
    one = wanted("a", LOAD, 2, text=text)
    two = wanted("b", LOAD, 2, text=text, start_column=text.split("\n")[1].rindex("yaml") + 1)

    found = rule_fixes([one, two])

    assert found["a"].problem == NOT_FOUND
    assert [(edit.search, edit.replace) for edit in found["b"].edits] == [
        ("yaml.load(y, 1)", "yaml.safe_load(y)")
    ]


def test_repeated_code_takes_the_lines_around_it_in():
    text = "a = 1\nrun(x)\nb = 2\nrun(x)\nc = 3\n"
    start = text.rindex("run(x)")

    edit = edit_at(text, start=start, end=start + 6, new="go(x)")

    assert (edit.search, edit.replace) == ("b = 2\nrun(x)\nc = 3", "b = 2\ngo(x)\nc = 3")
    assert apply_edits(original=text, edits=[edit]).text == "a = 1\nrun(x)\nb = 2\ngo(x)\nc = 3\n"


def test_code_that_cannot_be_told_apart_has_no_fix():
    text = "import yaml\n" + "yaml.load(x, 1)\n" * 100

    assert rule_fixes([wanted("a", LOAD, 50, text=text)])["a"].problem == NOT_ALONE
