"""Speaking in merge requests of GitLab."""

from datetime import UTC, datetime

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.gitlab.calls import Calls
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.review_host import GitLabReviewHost
from integrations.review_hosts import (
    AccessLostError,
    GoneError,
    RemoteState,
    ReviewRefusedError,
    Status,
    StatusState,
)
from tests.gitlab_server.state import Version
from tests.integrations.gitlab.shop import NAME, a_draft


def a_status(state=StatusState.SUCCESS, **changed):
    facts = {"title": "2 findings", "summary": "", "url": "https://assay.example/1"}
    return Status(state=state, **{**facts, **changed})


def a_host_that_reads(max_bytes, gitlab, link, token):
    """A review host that takes no answer with more bytes."""
    calls = Calls(base_url=gitlab.url, token=lambda: token, max_bytes=max_bytes)
    return GitLabReviewHost(link=link, client=GitLabClient(calls).of_project(NAME))


def test_a_merge_request_is_read_as_it_is(gitlab, host, merge_request):
    found = host.read_change_request(number=merge_request.iid)

    assert (found.number, found.state, found.title) == (1, RemoteState.OPEN, "Show names")
    assert found.url == f"{gitlab.url}/{NAME}/-/merge_requests/1"
    assert found.author == "mel"
    assert found.head_commit == merge_request.sha
    assert (found.head_ref, found.base_ref) == ("feature", "main")
    assert not found.is_from_fork
    assert datetime.now(UTC) >= found.updated_at


def test_what_became_of_a_merge_request_is_told(gitlab, host, merge_request):
    gitlab.close(NAME, merge_request.iid)
    assert host.read_change_request(number=1).state == RemoteState.CLOSED
    gitlab.reopen(NAME, merge_request.iid)
    gitlab.merge(NAME, merge_request.iid)
    assert host.read_change_request(number=1).state == RemoteState.MERGED


def test_a_merge_request_from_a_fork_is_known(gitlab, host, tmp_path):
    gitlab.add_repository("mel/shop", tmp_path / "shop")
    gitlab.push(NAME, "feature", {"a.py": "1\n"})
    one, _deliveries = gitlab.open_merge_request(NAME, "feature", fork="mel/shop")

    assert host.read_change_request(number=one.iid).is_from_fork


def test_the_changes_are_those_of_the_version_that_ends_at_the_commit(gitlab, host, merge_request):
    older = merge_request.sha
    gitlab.push(NAME, "feature", {"app/new.py": "a\nb\nc\nd\n"})

    before = host.read_changes(number=1, commit=older)
    now = host.read_changes(number=1, commit=merge_request.sha)

    assert len(before.files["app/new.py"].lines) == 3
    assert len(now.files["app/new.py"].lines) == 4
    assert before.commit == before.position["head_sha"] == older
    assert now.position["head_sha"] == merge_request.sha


def test_a_commit_that_a_forced_push_replaced_is_still_a_version(gitlab, host, merge_request):
    older = merge_request.sha
    gitlab.push(NAME, "feature", {"app/new.py": "other\n"}, force=True)

    assert set(host.read_changes(number=1, commit=older).files) == {"app/views.py", "app/new.py"}


def test_a_commit_of_no_version_is_gone(gitlab, host, merge_request):
    with pytest.raises(GoneError, match="head of no version"):
        host.read_changes(number=1, commit="d" * 40)


def test_a_version_that_is_still_made_is_waited_for(gitlab, host, merge_request):
    merge_request.versions.clear()

    with pytest.raises(CodeHostBusyError, match="still preparing"):
        host.read_changes(number=1, commit=merge_request.sha)


def test_files_whose_diffs_are_left_out_make_the_changes_incomplete(gitlab, host, merge_request):
    gitlab.repositories[NAME].too_large.add("app/views.py")

    changes = host.read_changes(number=1, commit=merge_request.sha)

    assert not changes.is_complete
    assert changes.files["app/views.py"].lines == {}
    assert len(changes.files["app/new.py"].lines) == 3


def test_a_version_with_too_many_files_is_incomplete(gitlab, host, merge_request):
    gitlab.files_limit = 1

    changes = host.read_changes(number=1, commit=merge_request.sha)

    assert not changes.is_complete
    assert list(changes.files) == ["app/new.py"]


def test_a_version_that_is_too_long_for_one_answer_is_read_by_pages(
    gitlab, link, token, merge_request
):
    long = "x" * 99 + "\n"
    files = {f"big_{number:02}.txt": long * 1_000 for number in range(15)}
    gitlab.push(NAME, "feature", files)
    host = a_host_that_reads(1_500_000, gitlab, link, token)

    changes = host.read_changes(number=1, commit=merge_request.sha)

    assert len(changes.files) == 17
    assert not changes.is_complete


def test_only_our_own_comments_are_ours(gitlab, host, merge_request, changes):
    host.post_comments(
        number=1, changes=changes, drafts=[a_draft("one", path="app/new.py", start=2)]
    )
    thread = gitlab.discussions(NAME, 1)[0].id
    gitlab.comment(NAME, 1, "mel", "Sure? <!-- assay:one -->", in_reply_to=thread)
    host.reply(number=1, thread_id=thread, body="Yes.")

    first, second = host.own_comments(number=1)

    assert (first.key, first.is_inline, first.path, first.line) == ("one", True, "app/new.py", 2)
    assert first.thread_id == second.thread_id == thread
    assert first.url == f"{gitlab.url}/{NAME}/-/merge_requests/1#note_{first.id}"
    assert (second.key, second.body) == ("", "Yes.")


def test_all_pages_of_a_long_conversation_are_read(gitlab, host, merge_request, changes):
    for number in range(120):
        gitlab.comment(NAME, 1, "mel", f"Comment {number}")
    host.post_comments(number=1, changes=changes, drafts=[a_draft("one")])

    assert [comment.key for comment in host.own_comments(number=1)] == ["one"]
    assert [seen.path.partition("?")[2] for seen in gitlab.asked("GET", "/discussions")] == [
        "page=1&per_page=100",
        "page=2&per_page=100",
    ]


def test_long_comments_of_others_are_read_by_smaller_pages(
    gitlab, link, token, host, merge_request, changes
):
    host.post_comments(number=1, changes=changes, drafts=[a_draft("one")])
    for _time in range(15):
        gitlab.comment(NAME, 1, "mel", "x" * 100_000)

    host = a_host_that_reads(1_200_000, gitlab, link, token)

    assert [one.key for one in host.own_comments(number=1)] == ["one"]


def test_a_comment_is_edited_in_place(gitlab, host, merge_request, changes):
    host.post_comments(number=1, changes=changes, drafts=[a_draft("one")])
    [comment] = host.own_comments(number=1)

    host.edit_comment(number=1, comment=comment, body="Fixed.")

    assert [note.body for note in gitlab.notes(NAME, 1)] == ["Fixed."]
    assert gitlab.notifications(NAME, 1) == 1


def test_editing_a_comment_that_somebody_deleted_says_so(gitlab, host, merge_request, changes):
    host.post_comments(number=1, changes=changes, drafts=[a_draft("one")])
    [comment] = host.own_comments(number=1)
    gitlab.delete_comment(NAME, int(comment.id))

    with pytest.raises(GoneError):
        host.edit_comment(number=1, comment=comment, body="Fixed.")


def test_a_comment_is_deleted_once(gitlab, host, merge_request, changes):
    host.post_comments(number=1, changes=changes, drafts=[a_draft("one")])
    [comment] = host.own_comments(number=1)

    host.delete_comment(number=1, comment=comment)
    host.delete_comment(number=1, comment=comment)

    assert gitlab.notes(NAME, 1) == []


def test_a_reply_without_a_thread_stands_in_the_conversation(gitlab, host, merge_request):
    host.reply(number=1, thread_id="", body="Done.")

    [discussion] = gitlab.discussions(NAME, 1)
    assert discussion.is_individual
    assert discussion.notes[0].body == "Done."


def test_a_reply_to_a_comment_of_the_conversation_makes_a_thread_of_it(
    gitlab, host, merge_request, changes
):
    host.post_comments(number=1, changes=changes, drafts=[a_draft("one")])
    [comment] = host.own_comments(number=1)

    host.reply(number=1, thread_id=comment.thread_id, body="Done.")

    [discussion] = gitlab.discussions(NAME, 1)
    assert [note.body for note in discussion.notes][1:] == ["Done."]
    assert not discussion.is_individual


def test_a_reply_to_a_thread_that_is_gone_says_so(host, merge_request):
    with pytest.raises(GoneError):
        host.reply(number=1, thread_id="e" * 40, body="Done.")


@pytest.mark.parametrize(
    ("role", "may"), [("guest", False), ("reporter", False), ("developer", True), ("owner", True)]
)
def test_who_is_at_least_a_developer_may_write(gitlab, host, role, may):
    user = gitlab.add_member(NAME, "zoe", role)

    assert host.may_write(author=str(user.id)) is may


def test_strangers_and_what_is_no_number_may_not_write(gitlab, host):
    gitlab.make_public(NAME)

    assert not host.may_write(author=str(gitlab.user("stranger").id))
    assert not host.may_write(author="999999")
    assert not host.may_write(author="mel")
    assert not host.may_write(author="")
    assert not host.may_write(author="1/../2")


def test_a_blocked_member_may_not_write(gitlab, host):
    gitlab.add_member(NAME, "zoe", "owner").state = "blocked"

    assert not host.may_write(author=str(gitlab.user("zoe").id))


def test_who_may_write_to_a_project_out_of_reach_is_not_known(gitlab, host):
    number = gitlab.user("mel").id
    gitlab.forget(NAME)

    with pytest.raises(GoneError):
        host.may_write(author=str(number))


def test_only_what_people_without_an_account_can_read_is_public(gitlab, host):
    assert not host.is_public()
    gitlab.repositories[NAME].visibility = "internal"
    assert not host.is_public()
    gitlab.make_public(NAME)
    assert host.is_public()


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (StatusState.PENDING, "pending"),
        (StatusState.SUCCESS, "success"),
        (StatusState.NEUTRAL, "success"),
        (StatusState.FAILURE, "failed"),
    ],
)
def test_a_status_is_set_under_our_name(gitlab, host, merge_request, settings, state, shown):
    host.set_status(commit=merge_request.sha, status=a_status(state), status_id="")

    [status] = gitlab.statuses(NAME, merge_request.sha)
    assert (status.name, status.state) == (settings.PRODUCT_NAME, shown)
    assert (status.description, status.target_url) == ("2 findings", "https://assay.example/1")


def test_a_pending_status_becomes_the_final_one(gitlab, host, merge_request):
    first = host.set_status(
        commit=merge_request.sha, status=a_status(StatusState.PENDING), status_id=""
    )
    second = host.set_status(commit=merge_request.sha, status=a_status(), status_id=first)

    assert first == second
    assert [one.state for one in gitlab.statuses(NAME, merge_request.sha)] == ["success"]


def test_a_status_that_is_set_already_is_no_error(gitlab, host, merge_request):
    pending = a_status(StatusState.PENDING)
    first = host.set_status(commit=merge_request.sha, status=pending, status_id="")

    assert host.set_status(commit=merge_request.sha, status=pending, status_id="") == first
    assert len(gitlab.statuses(NAME, merge_request.sha)) == 1


def test_a_long_title_is_cut_and_a_long_address_left_out(gitlab, host, merge_request):
    status = a_status(title="t" * 300, url="https://assay.example/" + "a" * 300)

    host.set_status(commit=merge_request.sha, status=status, status_id="")

    [shown] = gitlab.statuses(NAME, merge_request.sha)
    assert shown.description == "t" * 140
    assert shown.target_url is None


def test_a_status_of_a_commit_that_is_not_there_says_so(host):
    with pytest.raises(GoneError):
        host.set_status(commit="d" * 40, status=a_status(), status_id="")


def test_a_revoked_token_loses_access(gitlab, host, token, merge_request):
    gitlab.revoke(token)

    with pytest.raises(AccessLostError, match="Enter a new one"):
        host.own_comments(number=1)


def test_an_archived_project_takes_no_words_but_stays_within_reach(
    gitlab, host, merge_request, changes
):
    gitlab.repositories[NAME].is_archived = True

    with pytest.raises(ReviewRefusedError, match="must not be archived") as refused:
        host.post_comments(number=1, changes=changes, drafts=[a_draft("one")])

    assert not isinstance(refused.value, AccessLostError)


def test_a_project_that_was_renamed_is_still_the_same(gitlab, host, merge_request):
    gitlab.rename(NAME, "store")

    assert host.read_change_request(number=1).number == 1


def test_the_newest_of_two_versions_of_one_commit_counts(gitlab, host, merge_request):
    gitlab.push(NAME, "main", {"other.py": "1\n"})
    again = gitlab.repositories[NAME].git.branch("main")
    old = merge_request.versions[-1]
    merge_request.versions.append(
        Version(head=old.head, base=old.base, start=again, created_at=datetime.now(UTC))
    )

    assert host.read_changes(number=1, commit=old.head).position["start_sha"] == again


def test_our_own_account_is_asked_for_once(gitlab, host, merge_request):
    host.own_comments(number=1)
    host.own_comments(number=1)

    assert len(gitlab.asked("GET", "/user")) == 1
