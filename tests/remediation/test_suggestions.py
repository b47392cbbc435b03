"""A fix as the text that replaces the matched lines whole."""

import pytest

from remediation.suggestions import kept_suggestion, suggestion_of, with_suggestion
from tests.factories import FixAttemptFactory

BEFORE = "one\ntwo\nthree\nfour\n"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("one\nTWO\nthree\nfour\n", "TWO\nthree"),
        ("one\nTWO\nTHREE\nand more\nfour\n", "TWO\nTHREE\nand more"),
        ("one\ntwo three\nfour\n", "two three"),
        ("one\nfour\n", ""),
        ("ONE\ntwo\nthree\nfour\n", None),
        ("one\ntwo\nthree\nFOUR\n", None),
        ("import x\none\nTWO\nthree\nfour\n", None),
        ("one\nTWO\nthree\nfour", None),
        ("", None),
    ],
)
def test_it_is_there_where_nothing_else_changes(after, expected):
    found = suggestion_of(before=BEFORE, after=after, start_line=2, end_line=3)

    assert found == expected


def test_line_ends_of_windows_are_left_out():
    found = suggestion_of(before="a\r\nb\r\n", after="a\r\nc\r\nd\r\n", start_line=2, end_line=2)

    assert found == "c\nd"


def test_a_match_behind_the_end_of_the_file_has_none():
    assert suggestion_of(before="a\n", after="b\n", start_line=5, end_line=9) is None


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([{"search": "a", "replace": "b", "suggestion": "b = 1"}], "b = 1"),
        ([{"search": "a", "replace": "b", "suggestion": ""}], ""),
        ([{"search": "a", "replace": "b", "suggestion": 7}], None),
        ([{"search": "a", "replace": "b"}], None),
        ([], None),
    ],
)
def test_what_was_kept_with_the_proof_is_read(acme, edits, expected):
    assert kept_suggestion(FixAttemptFactory(edits=edits)) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            "one\nTWO\nthree\nfour\n",
            [{"search": "two", "suggestion": "TWO\nthree"}, {"search": "x"}],
        ),
        ("ONE\ntwo\nthree\nfour\n", [{"search": "two"}, {"search": "x"}]),
        (None, [{"search": "two"}, {"search": "x"}]),
    ],
)
def test_the_first_edit_keeps_it(after, expected):
    edits = [{"search": "two"}, {"search": "x"}]

    assert with_suggestion(edits, before=BEFORE, after=after, lines=(2, 3)) == expected
    assert with_suggestion([], before=BEFORE, after=after, lines=(2, 3)) == []
