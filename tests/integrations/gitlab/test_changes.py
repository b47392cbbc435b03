"""Which lines of a version can be spoken of, and what GitLab calls them."""

import hashlib

import pytest

from integrations.gitlab.changes import changes_of, position_of
from integrations.gitlab.shapes import Diff, Version
from integrations.review_hosts import Place, ReviewRefusedError

PATH_CODE = hashlib.sha1(b"app/views.py").hexdigest()
REFS = {"base_sha": "b" * 40, "start_sha": "c" * 40, "head_sha": "a" * 40}
PATCH = """@@ -1,5 +1,6 @@
 one
 two
-three
+3a
+3b
 four
 five
"""


def a_version(**changed):
    facts = {
        "id": 1,
        "head_commit_sha": "a" * 40,
        "base_commit_sha": "b" * 40,
        "start_commit_sha": "c" * 40,
    }
    return Version(**facts, **changed)


def a_diff(diff=PATCH, **changed):
    facts = {"old_path": "app/views.py", "new_path": "app/views.py"}
    return Diff(diff=diff, **{**facts, **changed})


def position(start, end, *diffs):
    changes = changes_of(a_version(), diffs or [a_diff()], is_complete=True)
    return position_of(Place(path="app/views.py", start_line=start, end_line=end), changes=changes)


def test_the_lines_of_a_version_are_those_of_its_diffs():
    changes = changes_of(a_version(), [a_diff()], is_complete=True)

    assert changes.commit == "a" * 40
    assert changes.position == REFS
    assert changes.is_complete
    assert changes.files["app/views.py"].lines == {1: 1, 2: 2, 3: None, 4: None, 5: 4, 6: 5}


def test_a_deleted_file_has_no_lines_to_speak_of():
    changes = changes_of(a_version(), [a_diff(deleted_file=True)], is_complete=True)

    assert changes.files == {}
    assert changes.is_complete


@pytest.mark.parametrize("hidden", [{"too_large": True}, {"collapsed": True}])
def test_a_file_whose_diff_is_left_out_makes_the_changes_incomplete(hidden):
    changes = changes_of(a_version(), [a_diff("", **hidden)], is_complete=True)

    assert changes.files["app/views.py"].lines == {}
    assert not changes.is_complete


def test_a_diff_that_cannot_be_read_makes_the_changes_incomplete():
    changes = changes_of(a_version(), [a_diff("@@ -1,5 +1,6 @@\n one\n")], is_complete=True)

    assert changes.files["app/views.py"].lines == {}
    assert not changes.is_complete


@pytest.mark.parametrize("cut", [{"state": "overflow_diff_files_limit"}, {"real_size": "1000+"}])
def test_a_version_that_gitlab_has_cut_is_incomplete(cut):
    assert not changes_of(a_version(**cut), [a_diff()], is_complete=True).is_complete


def test_an_added_line_is_known_by_its_new_number_alone():
    assert position(3, 3) == {
        **REFS,
        "position_type": "text",
        "old_path": "app/views.py",
        "new_path": "app/views.py",
        "new_line": 3,
    }


def test_an_unchanged_line_is_known_by_both_numbers():
    found = position(5, 5)

    assert (found["old_line"], found["new_line"]) == (4, 5)


def test_a_range_names_both_ends_as_gitlab_does():
    found = position(4, 5)

    assert found["line_range"] == {
        "start": {"line_code": f"{PATH_CODE}_4_4", "type": "new", "new_line": 4},
        "end": {"line_code": f"{PATH_CODE}_4_5", "type": "old", "old_line": 4, "new_line": 5},
    }


def test_a_range_in_a_new_file_counts_no_old_lines():
    new = a_diff("@@ -0,0 +1,2 @@\n+a\n+b\n", new_file=True)

    found = position(1, 2, new)

    assert found["old_path"] == "app/views.py"
    assert found["line_range"]["start"]["line_code"] == f"{PATH_CODE}_0_1"


def test_a_range_whose_end_gitlab_would_not_know_is_left_out():
    at_the_end = a_diff("@@ -1,2 +1,3 @@\n one\n-two\n+2a\n+2b\n")

    found = position(2, 3, at_the_end)

    assert found["new_line"] == 3
    assert "line_range" not in found


def test_a_renamed_file_is_known_by_both_names():
    found = position(3, 3, a_diff(old_path="app/old.py"))

    assert (found["old_path"], found["new_path"]) == ("app/old.py", "app/views.py")


@pytest.mark.parametrize(("start", "end"), [(6, 7), (40, 40)])
def test_a_line_outside_the_diff_is_refused(start, end):
    with pytest.raises(ReviewRefusedError, match="does not show it"):
        position(start, end)
