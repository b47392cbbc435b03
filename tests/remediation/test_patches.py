"""Unified diffs: of one file, at the stated lines or the only ones that fit."""

import contextlib
import difflib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remediation.edits import EditRefusedError
from remediation.patches import apply_patch, read_patch
from remediation.reasons import Reason

TEXT = "".join(f"line {number}\n" for number in range(1, 13))
HEAD = "--- a/app/a.py\n+++ b/app/a.py\n"
HUNK = "@@ -4,3 +4,3 @@\n line 4\n-line 5\n+LINE 5\n line 6\n"
OPEN_END = "\\ No newline at end of file\n"
RESULT = TEXT.replace("line 5", "LINE 5")


def applied(patch, original=TEXT, path="app/a.py"):
    return apply_patch(original=original, path=path, patch=read_patch(patch))


def refusal_of(patch, original=TEXT, path="app/a.py"):
    with pytest.raises(EditRefusedError) as refusal:
        applied(patch, original, path)
    return refusal.value


@pytest.mark.parametrize(
    "head",
    [
        HEAD,
        "--- app/a.py\n+++ app/a.py\n",
        "--- ./app/a.py\t2026-11-22 10:00:00\n+++ ./app/a.py\t2026-11-22 10:00:01\n",
        "diff --git a/app/a.py b/app/a.py\nindex 1234567..89abcde 100644\n" + HEAD,
        "From: a mail\nSubject: a fix\n\n" + HEAD,
        '--- "a/app/a.py"\n+++ "b/app/a.py"\n',
    ],
)
def test_a_patch_of_the_file_applies_however_it_is_headed(head):
    assert applied(head + HUNK) == RESULT


@pytest.mark.parametrize(
    "numbers", ["-1,3 +1,3", "-9,3 +9,3", "-400,3 +400,3", "-4,99 +4,99", "-4 +4"]
)
def test_wrong_numbers_do_not_matter_where_the_lines_stand_once(numbers):
    assert applied(HEAD + HUNK.replace("-4,3 +4,3", numbers)) == RESULT


def test_lines_that_stand_twice_apply_where_they_are_said_to_and_nowhere_else():
    original = "a\nb\n\na\nb\n"
    hunk = "@@ -{},2 +{},2 @@\n a\n-b\n+c\n"

    assert applied(HEAD + hunk.format(4, 4), original) == "a\nb\n\na\nc\n"
    refusal = refusal_of(HEAD + hunk.format(3, 3), original)
    assert (refusal.reason, "applies twice" in refusal.detail) == (Reason.DOES_NOT_APPLY, True)


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        ("", Reason.NO_CHANGE),
        (HEAD, Reason.NO_CHANGE),
        (HEAD + "@@ -4,1 +4,1 @@\n line 4\n", Reason.NO_CHANGE),
        (HEAD + "@@ -4,1 +4,1 @@\n-line 4\n+line 4\n", Reason.NO_CHANGE),
        ("Replace line 5 by LINE 5.", Reason.DOES_NOT_APPLY),
        ("```python\nx = 1\n```", Reason.DOES_NOT_APPLY),
        (HUNK, Reason.DOES_NOT_APPLY),
        (HEAD + "@@ broken @@\n-line 5\n", Reason.DOES_NOT_APPLY),
        (HEAD + HUNK.replace("line 6", "line six"), Reason.DOES_NOT_APPLY),
        (HEAD + HUNK.replace(" line 4", "\tline 4"), Reason.DOES_NOT_APPLY),
        (HEAD + HUNK + HUNK, Reason.DOES_NOT_APPLY),
        (HEAD + HUNK.replace("LINE", "\0"), Reason.DOES_NOT_APPLY),
        (HEAD + "@@ -99,0 +99,1 @@\n+x\n", Reason.DOES_NOT_APPLY),
        (HEAD.replace("app/a.py", "app/b.py") + HUNK, Reason.TOUCHES_OTHER_FILE),
        (HEAD.replace("a/app/a.py", "a/a.py") + HUNK, Reason.TOUCHES_OTHER_FILE),
        (HEAD + HUNK + HEAD.replace("a.py", "b.py") + HUNK, Reason.TOUCHES_OTHER_FILE),
        ("--- /dev/null\n+++ b/app/a.py\n@@ -0,0 +1 @@\n+x\n", Reason.TOUCHES_OTHER_FILE),
        ("--- /dev/null\n+++ b/.semgrepignore\n@@ -0,0 +1 @@\n+app\n", Reason.TOUCHES_OTHER_FILE),
        ("--- a/app/a.py\n+++ /dev/null\n" + HUNK, Reason.DELETES_CODE),
        ("--- a/app/b.py\n+++ /dev/null\n" + HUNK, Reason.TOUCHES_OTHER_FILE),
        (
            "diff --git a/app/a.py b/app/b.py\nrename from app/a.py\nrename to app/b.py\n",
            Reason.TOUCHES_OTHER_FILE,
        ),
        (
            "diff --git a/app/a.py b/app/a.py\nold mode 100644\nnew mode 100755\n" + HEAD + HUNK,
            Reason.TOUCHES_OTHER_FILE,
        ),
        (HEAD + "+" * 1_000_001, Reason.TOO_LARGE),
    ],
)
def test_what_is_not_a_sure_change_of_this_file_is_refused(patch, reason):
    assert refusal_of(patch).reason is reason


@pytest.mark.parametrize(
    ("original", "patch", "expected"),
    [
        ("a\r\nb\r\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n", "a\r\nc\r\n"),
        ("a\r\nb\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n", "a\r\nc\r\n"),
        ("a\nb\n", "@@ -1,2 +1,2 @@\r\n a\r\n-b\r\n+c\r\n", "a\nc\n"),
        (
            "a\nb",
            f"@@ -1,2 +1,2 @@\n a\n-b\n{OPEN_END}+c\n{OPEN_END}",
            "a\nc",
        ),
        ("a\nb", "@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n", "a\nb\nc\n"),
        ("a\n\nb\n", "@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n", "a\n\nc\n"),
        ("a\n-- b\n", "@@ -1,2 +1,1 @@\n a\n--- b\n", "a\n"),
        ("caf\udce9\nb\n", "@@ -1,2 +1,2 @@\n caf\udce9\n-b\n+c\n", "caf\udce9\nc\n"),
        ("a\x0cb\nc\n", "@@ -2 +2 @@\n-c\n+d\n", "a\x0cb\nd\n"),
    ],
)
def test_line_ends_and_odd_lines_stay_as_they_are(original, patch, expected):
    assert applied(HEAD + patch, original) == expected


def test_a_hunk_far_down_a_file_of_20000_lines_applies():
    original = "".join(f"x{number} = {number}\n" for number in range(20_000))
    patch = (
        HEAD + "@@ -1,3 +1,3 @@\n x19000 = 19000\n-x19001 = 19001\n+x19001 = 0\n x19002 = 19002\n"
    )

    assert applied(patch, original) == original.replace("x19001 = 19001", "x19001 = 0")


LINES = st.lists(st.sampled_from(["a", "b", "", "  c", "-- d", "++ e"]), max_size=12)


@given(LINES, LINES, st.integers(0, 3))
def test_what_a_diff_says_is_what_its_patch_does(old, new, context):
    assume(old != new)
    before, after = ("".join(f"{line}\n" for line in side) for side in (old, new))
    patch = "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True),
            "a/app/a.py", "b/app/a.py", n=context,
        )
    )  # fmt: skip

    assert applied(patch, before) == after


@given(st.text(max_size=200))
def test_any_text_is_applied_or_refused(text):
    for patch in (text, HEAD + text, HEAD + "@@ -1,2 +1,2 @@\n" + text):
        with contextlib.suppress(EditRefusedError):
            assert applied(patch) != TEXT


def test_a_hunk_that_was_cut_off_does_not_apply():
    cut = "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a\n-b\n"

    with pytest.raises(EditRefusedError) as refused:
        read_patch(cut)

    assert refused.value.reason is Reason.DOES_NOT_APPLY
