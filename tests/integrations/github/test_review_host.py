"""Speaking in pull requests: what can be spoken of, once, by us, and what becomes of it."""

import pytest

from integrations.codehosts import CodeHostBusyError, UnsafePathError
from integrations.github.review_host import GitHubReviewHost
from integrations.markers import marker
from integrations.review_hosts import (
    AccessLostError,
    Changes,
    Draft,
    GoneError,
    Place,
    RemoteState,
    ReviewRefusedError,
    Status,
    StatusState,
)
from integrations.selectors import review_host_for
from tests.integrations.github.stage import FILES, NAME


@pytest.fixture(params=["app", "token"])
def link(request, stage):
    return stage.by_app() if request.param == "app" else stage.by_token()


@pytest.fixture
def host(link):
    return GitHubReviewHost.of_link(link)


def draft(key, line=None, *, start=None, path="app/views.py", text="Look here."):
    place = Place(path=path, start_line=start or line, end_line=line) if line else None
    return Draft(key=key, body=f"{text}\n\n{marker(key)}", place=place)


def changes_at(pull):
    return Changes(commit=pull.head_sha, files={})


def test_the_registry_leads_here(link):
    assert isinstance(review_host_for(link.project), GitHubReviewHost)


def test_a_pull_request_is_told_in_our_words(stage, github, host):
    pull = stage.open_pull(title="Sell more")

    found = host.read_change_request(number=pull.number)

    assert (found.number, found.state, found.title) == (1, RemoteState.OPEN, "Sell more")
    assert (found.author, found.head_ref, found.base_ref) == ("mel", "feature", "main")
    assert found.head_commit == pull.head_sha
    assert not found.is_from_fork
    github.merge(NAME, pull.number, "mel")
    assert host.read_change_request(number=pull.number).state == RemoteState.MERGED


def test_a_closed_one_is_closed(stage, github, host):
    pull = stage.open_pull()
    github.close(NAME, pull.number, "mel")

    assert host.read_change_request(number=pull.number).state == RemoteState.CLOSED


def test_one_from_a_fork_is_known_as_such(stage, host):
    pull = stage.open_pull(fork="mel/shop")

    assert host.read_change_request(number=pull.number).is_from_fork


def test_an_unknown_one_is_gone(stage, host):
    with pytest.raises(GoneError):
        host.read_change_request(number=99)


def test_what_the_diff_shows_can_be_spoken_of(stage, host):
    pull = stage.open_pull()

    changes = host.read_changes(number=pull.number, commit=pull.head_sha)

    assert changes.commit == pull.head_sha
    assert changes.is_complete
    lines = changes.files["app/views.py"].lines
    assert (lines[9], lines[10], lines[20], lines[21], lines[22]) == (9, None, None, None, 21)
    assert 30 not in lines


def test_an_older_commit_shows_what_it_changed(stage, github, host):
    pull = stage.open_pull()
    old = pull.head_sha
    github.push(NAME, "feature", {"new.py": "x\n"})

    changes = host.read_changes(number=pull.number, commit=old)

    assert (changes.commit, set(changes.files)) == (old, {"app/views.py"})
    head = host.read_changes(number=pull.number, commit=github.pull(NAME, 1).head_sha)
    assert set(head.files) == {"app/views.py", "new.py"}


def test_a_commit_that_a_forced_push_removed_is_gone(stage, github, host):
    pull = stage.open_pull()
    old = pull.head_sha
    github.push(NAME, "feature", {"new.py": "x\n"}, force=True)
    github.prune(NAME)

    with pytest.raises(GoneError):
        host.read_changes(number=pull.number, commit=old)


@pytest.mark.parametrize("commit", ["main", "../../../user", "A" * 40, ""])
def test_what_is_no_commit_is_not_asked_for(github, host, commit):
    with pytest.raises(UnsafePathError):
        host.read_changes(number=1, commit=commit)
    with pytest.raises(UnsafePathError):
        host.set_status(commit=commit, status=status(StatusState.SUCCESS), status_id="")

    assert github.requests == []


def test_a_renamed_and_a_binary_file_are_no_holes(stage, host):
    pull = stage.open_pull(
        {
            "app/views.py": None,
            "app/pages.py": FILES["app/views.py"].replace("line 1\n", "eins\n"),
            "logo.png": b"\x89PNG\0\0",
        }
    )

    changes = host.read_changes(number=pull.number, commit=pull.head_sha)

    assert changes.is_complete
    assert changes.files["app/pages.py"].old_path == "app/views.py"
    assert changes.files["app/pages.py"].lines[1] is None
    assert changes.files["logo.png"].lines == {}


def test_a_cut_list_of_files_is_told(stage, github, host):
    pull = stage.open_pull({f"many/{number}.py": "x\n" for number in range(301)})
    old = pull.head_sha
    github.push(NAME, "feature", {"new.py": "x\n"})

    assert not host.read_changes(number=pull.number, commit=old).is_complete
    head = github.pull(NAME, 1).head_sha
    assert len(host.read_changes(number=pull.number, commit=head).files) == 302


def test_comments_are_one_review_and_one_mail(stage, github, host):
    pull = stage.open_pull()

    host.post_comments(
        number=pull.number,
        changes=changes_at(pull),
        drafts=[draft("finding-1", 10), draft("finding-2", 21, start=20)],
    )

    one, two = github.review_comments(NAME, pull.number)
    assert (one.path, one.start_line, one.line, one.side) == ("app/views.py", None, 10, "RIGHT")
    assert (two.start_line, two.line, two.start_side) == (20, 21, "RIGHT")
    assert one.commit_id == pull.head_sha
    assert len(github.reviews(NAME, pull.number)) == 1
    assert github.notifications(NAME, pull.number) == 1


def test_a_comment_without_place_stands_in_the_conversation(stage, github, host):
    pull = stage.open_pull()

    host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("rule-1")])

    assert [row.body for row in github.issue_comments(NAME, 1)] == [draft("rule-1").body]
    assert github.reviews(NAME, 1) == []


def test_a_line_outside_the_diff_keeps_no_other_comment_back(stage, github, host):
    pull = stage.open_pull()
    drafts = [draft("a", 10), draft("b", 35), draft("c", 20), draft("d", 21), draft("e")]

    host.post_comments(number=1, changes=changes_at(pull), drafts=drafts)

    posted = sorted(row.line for row in github.review_comments(NAME, 1))
    assert posted == [10, 20, 21]
    assert len(github.issue_comments(NAME, 1)) == 1
    assert len(github.reviews(NAME, 1)) == 2


def test_where_nothing_is_taken_it_is_said_why(stage, github, host):
    pull = stage.open_pull()

    with pytest.raises(ReviewRefusedError, match="GitHub refuses this"):
        host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("b", 35)])

    assert github.review_comments(NAME, 1) == []


def test_a_commit_that_is_not_of_the_pull_request_is_tried_once(stage, github, host):
    stage.open_pull()
    wrong = Changes(commit="a" * 40, files={})

    with pytest.raises(ReviewRefusedError):
        host.post_comments(number=1, changes=wrong, drafts=[draft("a", 10), draft("b", 20)])

    assert len(github.asked("POST", "/reviews")) == 1


def test_our_comments_are_found_oldest_first_and_nobody_elses(stage, github, host):
    pull = stage.open_pull()
    host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("a", 10)])
    host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("b")])
    github.comment(NAME, 1, "mel", draft("a").body)
    github.comment(NAME, 1, "mel", draft("a").body, path="app/views.py", line=10)

    first, second = host.own_comments(number=1)

    assert (first.key, first.is_inline, first.path, first.line) == ("a", True, "app/views.py", 10)
    assert first.thread_id == first.id
    assert (second.key, second.is_inline, second.thread_id) == ("b", False, "")
    assert second.body == draft("b").body
    assert second.url.startswith(github.url)


def test_all_pages_of_comments_are_read(stage, github, host):
    pull = stage.open_pull()
    for number in range(130):
        github.comment(NAME, 1, "mel", f"Comment {number}")
    host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("last")])

    assert [one.key for one in host.own_comments(number=1)] == ["last"]


def test_a_comment_is_edited_in_place_without_a_mail(stage, github, host):
    pull = stage.open_pull()
    drafts = [draft("a", 10), draft("b")]
    host.post_comments(number=1, changes=changes_at(pull), drafts=drafts)
    mails = github.notifications(NAME, 1)

    for comment in host.own_comments(number=1):
        host.edit_comment(number=1, comment=comment, body=f"Fixed.\n\n{marker(comment.key)}")

    bodies = [one.body for one in host.own_comments(number=1)]
    assert bodies == [f"Fixed.\n\n{marker('a')}", f"Fixed.\n\n{marker('b')}"]
    assert github.notifications(NAME, 1) == mails


def test_a_deleted_comment_cannot_be_edited_and_is_deleted_twice_in_peace(stage, github, host):
    pull = stage.open_pull()
    host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("a", 10)])
    (comment,) = host.own_comments(number=1)

    host.delete_comment(number=1, comment=comment)
    host.delete_comment(number=1, comment=comment)

    assert host.own_comments(number=1) == []
    with pytest.raises(GoneError):
        host.edit_comment(number=1, comment=comment, body="x")


def test_an_answer_stands_in_its_thread_or_in_the_conversation(stage, github, host):
    pull = stage.open_pull()
    host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("a", 10)])
    (comment,) = host.own_comments(number=1)

    host.reply(number=1, thread_id=comment.thread_id, body="Done.")
    host.reply(number=1, thread_id="", body="Done as well.")

    _first, answer = github.review_comments(NAME, 1)
    assert (answer.body, answer.in_reply_to) == ("Done.", int(comment.id))
    assert [row.body for row in github.issue_comments(NAME, 1)] == ["Done as well."]
    assert host.own_comments(number=1)[1].thread_id == comment.thread_id


@pytest.mark.parametrize(
    ("login", "role", "expected"),
    [
        ("mel", "write", True),
        ("ada", "admin", True),
        ("max", "maintain", True),
        ("tri", "triage", False),
        ("vic", "read", False),
    ],
)
def test_who_may_write_is_what_github_says(stage, github, host, login, role, expected):
    stage.repository.permissions[login] = role
    github.account(login)

    assert host.may_write(author=login) is expected


def test_a_stranger_and_nobody_may_not_write(github, host):
    github.account("stranger")

    assert not host.may_write(author="stranger")
    assert not host.may_write(author="no-such-person")
    assert not host.may_write(author="../../../user")


def test_what_strangers_can_read_is_public(stage, host):
    assert not host.is_public()

    stage.repository.is_public = True

    assert host.is_public()


def status(state, title="3 findings"):
    return Status(state=state, title=title, summary="**3**", url="https://assay.example/1")


def test_an_app_keeps_one_check_run_a_commit(stage, github):
    host = GitHubReviewHost.of_link(stage.by_app())
    pull = stage.open_pull()

    number = host.set_status(commit=pull.head_sha, status=status(StatusState.PENDING), status_id="")
    again = host.set_status(
        commit=pull.head_sha, status=status(StatusState.FAILURE), status_id=number
    )

    (run,) = github.check_runs(NAME, pull.head_sha)
    assert number == again == str(run.id)
    assert (run.status, run.conclusion, run.name) == ("completed", "failure", "Assay")
    assert run.output["title"] == "3 findings"
    assert run.output["summary"] == "**3**"


def test_a_check_run_that_is_gone_is_made_anew(stage, github):
    host = GitHubReviewHost.of_link(stage.by_app())
    pull = stage.open_pull()

    host.set_status(commit=pull.head_sha, status=status(StatusState.NEUTRAL), status_id="999999")

    assert [run.conclusion for run in github.check_runs(NAME, pull.head_sha)] == ["neutral"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (StatusState.PENDING, "pending"),
        (StatusState.SUCCESS, "success"),
        (StatusState.NEUTRAL, "success"),
        (StatusState.FAILURE, "failure"),
    ],
)
def test_a_token_sets_a_commit_status(stage, github, state, expected):
    host = GitHubReviewHost.of_link(stage.by_token())
    pull = stage.open_pull()

    host.set_status(commit=pull.head_sha, status=status(state, "x" * 300), status_id="")

    (row,) = github.statuses(NAME, pull.head_sha)
    assert (row.state, row.context, row.target_url) == (
        expected,
        "Assay",
        "https://assay.example/1",
    )
    assert row.description == "x" * 140


def test_a_missing_permission_is_named(stage):
    host = GitHubReviewHost.of_link(stage.by_app(checks=None))
    pull = stage.open_pull()

    with pytest.raises(AccessLostError, match="Checks: read and write"):
        host.set_status(commit=pull.head_sha, status=status(StatusState.SUCCESS), status_id="")


def test_a_revoked_token_is_told_with_the_remedy(stage, github):
    host = GitHubReviewHost.of_link(stage.by_token())
    github.revoke(stage.token)

    with pytest.raises(AccessLostError, match="Enter a new token"):
        host.own_comments(number=1)


def test_a_repository_that_is_no_longer_shared_is_gone(stage, github, host):
    stage.open_pull()
    github.forget(NAME)

    with pytest.raises(GoneError, match="Share the repository"):
        host.read_change_request(number=1)


def test_a_lost_answer_is_not_asked_for_twice(stage, github, host):
    pull = stage.open_pull()
    github.fail(502, method="POST", path="/reviews")

    with pytest.raises(CodeHostBusyError):
        host.post_comments(number=1, changes=changes_at(pull), drafts=[draft("a", 10)])

    assert len(github.asked("POST", "/reviews")) == 1
