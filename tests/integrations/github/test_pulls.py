"""What GitHub leaves out of a diff is told, so that nobody takes silence for no change."""

from datetime import UTC, datetime

from integrations.github.pulls import as_change_request, as_changes
from integrations.github.shapes import FilePatch, Pull
from integrations.review_hosts import RemoteState


def a_file(**fields):
    facts = {"filename": "a.py", "status": "modified", "additions": 1, "deletions": 1}
    return FilePatch.model_validate({**facts, "patch": "@@ -1 +1 @@\n-a\n+b", **fields})


def changes_of(*files, most_files=300):
    return as_changes(files, commit="c" * 40, most_files=most_files)


def test_a_whole_diff_is_complete():
    changes = changes_of(a_file())

    assert changes.is_complete
    assert changes.files["a.py"].lines == {1: None}
    assert changes.files["a.py"].old_path == "a.py"


def test_a_file_without_diff_that_has_changes_is_a_hole():
    changes = changes_of(a_file(), a_file(filename="large.py", patch=None, additions=9000))

    assert not changes.is_complete
    assert changes.files["large.py"].lines == {}
    assert changes.files["a.py"].lines == {1: None}


def test_a_binary_file_is_no_hole():
    assert changes_of(a_file(patch=None, additions=0, deletions=0)).is_complete


def test_a_cut_diff_is_a_hole():
    assert not changes_of(a_file(additions=2)).is_complete


def test_a_diff_that_cannot_be_read_is_a_hole():
    changes = changes_of(a_file(patch="@@ -1,9 +1,9 @@\n-a"))

    assert not changes.is_complete
    assert changes.files["a.py"].lines == {}


def test_a_list_as_long_as_github_gives_may_be_cut():
    files = [a_file(filename=f"{number}.py") for number in range(3)]

    assert not changes_of(*files, most_files=3).is_complete
    assert changes_of(*files, most_files=4).is_complete


def a_pull(**fields):
    side = {"ref": "feature", "sha": "a" * 40, "repo": {"id": 1}}
    facts = {
        "number": 4,
        "state": "open",
        "title": "Change",
        "html_url": "https://github.com/acme/shop/pull/4",
        "user": {"login": "mel"},
        "head": side,
        "base": {**side, "ref": "main"},
        "updated_at": "2026-11-22T10:00:00Z",
    }
    return as_change_request(Pull.model_validate({**facts, **fields}))


def test_a_pull_request_of_a_deleted_person_and_fork_is_still_one():
    found = a_pull(user=None, head={"ref": "feature", "sha": "a" * 40, "repo": None})

    assert (found.author, found.is_from_fork) == ("ghost", True)
    assert found.updated_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_merged_one_is_not_merely_closed():
    found = a_pull(state="closed", merged_at="2026-11-22T10:00:00Z")

    assert found.state == RemoteState.MERGED
    assert a_pull(state="closed").state == RemoteState.CLOSED
