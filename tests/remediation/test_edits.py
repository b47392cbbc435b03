"""Search/replace edits: matched exactly once, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.edits import MAX_EDITS, Edit, EditRefusedError, Place, apply_edits
from remediation.reasons import Reason

TEXT = "one\n\ttwo = 2\nthree\n"


def refusal_of(original, *edits):
    with pytest.raises(EditRefusedError) as refusal:
        apply_edits(original=original, edits=[Edit(search=s, replace=r) for s, r in edits])
    return refusal.value.reason, refusal.value.detail


def test_edits_are_made_at_once_and_their_places_are_the_originals():
    applied = apply_edits(
        original=TEXT,
        edits=[Edit(search="three\n", replace="3\n"), Edit(search="one\n", replace="1\n1b\n")],
    )

    assert applied.text == "1\n1b\n\ttwo = 2\n3\n"
    assert applied.places == (Place(start_line=3, end_line=3), Place(start_line=1, end_line=1))


@pytest.mark.parametrize(
    ("edits", "reason", "words"),
    [
        ((), Reason.NO_CHANGE, "no edits"),
        ((("four", "4"),), Reason.DOES_NOT_APPLY, "does not stand"),
        ((("o", "0"),), Reason.DOES_NOT_APPLY, "applies twice"),
        ((("", "x"),), Reason.DOES_NOT_APPLY, "empty search"),
        (((" \n", "x"),), Reason.DOES_NOT_APPLY, "empty search"),
        ((("    two = 2", "x"),), Reason.DOES_NOT_APPLY, "white space"),
        ((("one", "a\0b"),), Reason.DOES_NOT_APPLY, "NUL"),
        ((("one", "one"),), Reason.NO_CHANGE, "same text"),
        ((("one\n\ttwo", "x"), ("two = 2", "y")), Reason.DOES_NOT_APPLY, "overlap"),
        ((("one", "x"), ("one", "y")), Reason.DOES_NOT_APPLY, "overlap"),
        ((("one", "x"),) * (MAX_EDITS + 1), Reason.TOO_LARGE, "more than"),
    ],
)
def test_edits_that_are_not_sure_are_refused(edits, reason, words):
    refused, detail = refusal_of(TEXT, *edits)

    assert refused is reason
    assert words in detail


def test_text_that_overlaps_itself_applies_twice():
    assert refusal_of("aaa", ("aa", "b"))[0] is Reason.DOES_NOT_APPLY


@pytest.mark.parametrize(
    ("original", "search", "replace", "expected"),
    [
        ("a\r\nb\r\nc\r\n", "a\nb\n", "x\ny\n", "x\r\ny\r\nc\r\n"),
        ("a\nb\nc\n", "a\r\nb\r\n", "x\r\ny\r\n", "x\ny\nc\n"),
        ("a\r\nb\r\n", "b", "x\ny", "a\r\nx\r\ny\r\n"),
        ("a\nb", "b", "c", "a\nc"),
        ("\ufeffa\nb\n", "b\n", "", "\ufeffa\n"),
        ("caf\udce9 = 1\n", "= 1", "= 2", "caf\udce9 = 2\n"),
    ],
)
def test_line_ends_and_odd_bytes_stay_as_the_file_has_them(original, search, replace, expected):
    edits = [Edit(search=search, replace=replace)]

    assert apply_edits(original=original, edits=edits).text == expected


AROUND = st.text("ab\n\t ", max_size=20)


@given(AROUND, st.text("pq", min_size=1, max_size=5), AROUND, st.text("xy \t", max_size=5))
def test_an_edit_changes_its_place_and_nothing_else(before, search, after, replace):
    edits = [Edit(search=search, replace=replace)]

    applied = apply_edits(original=before + search + after, edits=edits)

    assert applied.text == before + replace + after


@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5))))
def test_any_edits_are_made_or_refused(original, pairs):
    edits = [Edit(search=search, replace=replace) for search, replace in pairs]
    try:
        applied = apply_edits(original=original, edits=edits)
    except EditRefusedError:
        return
    assert applied.text != original
