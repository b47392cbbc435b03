"""Differences: rows for a page, and a patch that git applies."""

import pytest

from remediation.diffs import RowKind, diff_of, diff_texts
from remediation.edits import EditRefusedError
from remediation.models import FixAttempt
from tests.integrations.repositories import git, make_repository

BEFORE = "".join(f"line {n}\n" for n in range(1, 21))


def test_a_difference_has_numbered_rows_and_a_patch():
    diff = diff_texts(path="a.py", before="a\nb\nc\n", after="a\nB\nc\n")

    rows = [(row.kind, row.text, row.old_number, row.new_number) for row in diff.rows]
    assert rows == [
        (RowKind.GAP, "@@ -1,3 +1,3 @@", None, None),
        (RowKind.CONTEXT, "a", 1, 1),
        (RowKind.REMOVED, "b", 2, None),
        (RowKind.ADDED, "B", None, 2),
        (RowKind.CONTEXT, "c", 3, 3),
    ]
    assert diff.patch == "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    assert (diff.added, diff.removed) == (1, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, BEFORE.replace("line 3\n", "").replace("line 17\n", "line 17\nmore\n")),
        ("a\nb", "a\nc"),
        ("a\nb", "a\nb\n"),
        ("a\n", "a\nb"),
        ("a\r\nb\r\n", "a\r\nc\r\n"),
        ("a\n", ""),
        ("", "a\n"),
        ("x\n" * 3000, "y\n" + "x\n" * 2990 + "z\n" * 5),
        ("x\n" * 3000, "x\n" * 1500 + "y\n" + "x\n" * 1500),
        ("\ta\n  b\n", "\ta\n\tb\n"),
        ("ä\u2028b\x0cc\n", "ä\u2028b\x0cd\n"),
    ],
)
@pytest.mark.parametrize("path", ["a.py", "shop/two words.py", 'quote".py'])
def test_git_applies_every_patch(tmp_path, before, after, path):
    folder = tmp_path / "shop"
    make_repository(folder, {path: before})

    patch = diff_texts(path=path, before=before, after=after).patch

    git(folder, "apply", "--whitespace=nowarn", "-", given=patch.encode())
    assert (folder / path).read_bytes() == after.encode()


def test_a_change_at_the_end_of_a_large_file_is_applied(tmp_path):
    lines = [f"x = {n % 7}\n" for n in range(9000)]
    after = [*lines[:20], "new\n", *lines[20:4000], *lines[4003:8990], "last\n"]
    make_repository(tmp_path / "shop", {"a.py": "".join(lines)})

    patch = diff_texts(path="a.py", before="".join(lines), after="".join(after)).patch

    git(tmp_path / "shop", "apply", "-", given=patch.encode())
    assert (tmp_path / "shop" / "a.py").read_text() == "".join(after)


def test_equal_texts_have_no_patch():
    diff = diff_texts(path="a.py", before=BEFORE, after=BEFORE)

    assert (diff.patch, diff.rows) == ("", ())


def test_a_file_of_many_equal_lines_is_compared_quickly():
    before = "x = 1\n" * 20_000
    lines = before.splitlines(keepends=True)
    lines[100], lines[19_000] = "first = 1\n", "second = 1\n"

    diff = diff_texts(path="a.py", before=before, after="".join(lines))

    assert (diff.added, diff.removed) == (2, 2)
    assert [row.new_number for row in diff.rows if row.kind is RowKind.ADDED] == [101, 19_001]


def test_a_fix_is_shown_by_its_edits():
    fix = FixAttempt(organization_id=1, path="a.py", edits=[{"search": "b\n", "replace": "B\n"}])

    assert diff_of(fix=fix, original="a\nb\n").patch.endswith(" a\n-b\n+B\n")


def test_a_fix_that_does_not_fit_the_text_is_refused():
    fix = FixAttempt(organization_id=1, path="a.py", edits=[{"search": "z\n", "replace": "B\n"}])

    with pytest.raises(EditRefusedError):
        diff_of(fix=fix, original="a\nb\n")
