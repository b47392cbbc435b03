"""Reading unified diffs: which new line is which old one."""

import pytest

from integrations.diffs import UnreadableDiffError, parse_diff


def test_added_context_and_removed_lines_are_told_apart():
    diff = parse_diff("@@ -1,3 +1,4 @@ def f\n one\n-two\n+zwei\n+drei\n three")

    assert diff.lines == {1: 1, 2: None, 3: None, 4: 3}
    assert (diff.added, diff.removed) == (2, 1)


def test_several_hunks_are_read():
    diff = parse_diff("@@ -1 +1,2 @@\n one\n+two\n@@ -10,2 +11 @@\n ten\n-eleven\n")

    assert diff.lines == {1: 1, 2: None, 11: 10}


def test_a_new_file_has_added_lines_alone():
    assert parse_diff("@@ -0,0 +1,2 @@\n+a\n+b").lines == {1: None, 2: None}


def test_a_removed_file_has_no_lines():
    diff = parse_diff("@@ -1,2 +0,0 @@\n-a\n-b")

    assert diff.lines == {}
    assert diff.removed == 2


def test_the_mark_of_a_missing_line_end_is_no_line():
    diff = parse_diff(
        "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    )

    assert diff.lines == {1: None}


def test_code_that_looks_like_a_diff_is_code():
    diff = parse_diff("@@ -1,2 +1,3 @@\n @@ -5,5 +5,5 @@\n--- a\n++++ b\n+@@ -9 +9 @@")

    assert diff.lines == {1: 1, 2: None, 3: None}


def test_only_line_feeds_end_lines():
    assert parse_diff("@@ -0,0 +1,2 @@\n+a\x0cb\x85c\u2028d\r\n+e").lines == {1: None, 2: None}


def test_an_empty_context_line_may_have_lost_its_blank():
    assert parse_diff("@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n").lines == {1: 1, 2: 2, 3: None}


def test_lines_before_the_first_hunk_are_passed_over():
    assert parse_diff("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n").lines == {1: None}


def test_a_text_without_hunks_has_no_lines():
    assert parse_diff("Binary files differ").lines == {}


@pytest.mark.parametrize(
    "diff",
    [
        "@@ -1,3 +1,3 @@\n a\n b",
        "@@ -1,2 +1 @@\n+a\n+b\n c",
        "@@ -1 +1 @@\n?a",
        "@@ -1 +1,2 @@\n a\n@@ -5 +6 @@\n b",
    ],
)
def test_a_hunk_with_other_lines_than_its_head_says_is_refused(diff):
    with pytest.raises(UnreadableDiffError):
        parse_diff(diff)
