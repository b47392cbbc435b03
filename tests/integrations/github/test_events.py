"""GitHub's recorded events, read into our words."""

import datetime as dt
from dataclasses import replace

import pytest

from core.errors import InvalidInputError
from integrations.events import (
    ChangeRequestChanged,
    CommentWritten,
    InstallationChanged,
    Passed,
    ReadEvent,
    RepositoriesLost,
    RepositoriesShared,
    RepositoryChanged,
    RepositoryName,
)
from integrations.github.account import EVENTS
from integrations.github.events import KEPT, is_needed, read_event
from integrations.review_hosts import RemoteChangeRequest, RemoteState
from tests.integrations.hooks import PAYLOADS, on_a_pull_request, recorded

HELLO_WORLD = RepositoryName(
    external_id="186853002",
    full_name="Codertocat/Hello-World",
    web_url="https://github.com/Codertocat/Hello-World",
    default_branch="master",
    is_public=True,
)
PULL_REQUEST = RemoteChangeRequest(
    number=2,
    state=RemoteState.OPEN,
    title="Update the README with new information.",
    url="https://github.com/Codertocat/Hello-World/pull/2",
    author="Codertocat",
    head_commit="ec26c3e57ca3a959ca5aad62de7213c562f8c821",
    head_ref="changes",
    base_ref="master",
    is_from_fork=False,
    updated_at=dt.datetime(2019, 5, 15, 15, 20, 33, tzinfo=dt.UTC),
)
COMMENT = CommentWritten(
    repository=HELLO_WORLD,
    number=1,
    comment_id="492700400",
    thread_id="",
    text="You are totally right! I'll get this fixed right away.",
    author="Codertocat",
    author_key="Codertocat",
    is_bot=False,
    is_edit=False,
)


def read(name, **changes):
    return read_event(name=name.partition(".")[0], body={**recorded("github", name), **changes})


def a_comment():
    return on_a_pull_request(recorded("github", "issue_comment.created"))


def read_comment(body):
    return read_event(name="issue_comment", body=body).event


def test_a_comment_in_the_conversation_has_no_thread():
    read = read_event(name="issue_comment", body=a_comment())

    assert read == ReadEvent(event=COMMENT, installation_id=1)


def test_an_edited_comment_is_told_as_edited():
    body = on_a_pull_request(recorded("github", "issue_comment.edited"))

    assert read_comment(body) == replace(
        COMMENT, text="You are totally right! I'll get this fixed today.", is_edit=True
    )


def test_a_comment_that_somebody_else_edited_is_not_what_its_author_said():
    body = on_a_pull_request(recorded("github", "issue_comment.edited"))
    body["sender"]["id"] = 6

    assert read_comment(body) == Passed(
        reason="The comment was edited by somebody who did not write it."
    )


def test_a_comment_on_a_plain_issue_is_passed_over():
    assert read("issue_comment.created").event == Passed(
        reason="The comment stands at an issue, not at a pull request."
    )


def test_a_comment_of_an_app_is_told_as_a_bots():
    body = a_comment()
    body["comment"]["user"] |= {"type": "Bot", "login": "assay-acme[bot]"}

    assert read_comment(body) == replace(
        COMMENT, author="assay-acme[bot]", author_key="assay-acme[bot]", is_bot=True
    )


def test_a_comment_whose_author_is_gone_is_passed_over():
    body = a_comment()
    body["comment"]["user"] = None

    assert read_comment(body) == Passed(reason="The account that wrote the comment is gone.")


def test_a_comment_without_text_is_an_empty_one():
    body = a_comment()
    body["comment"]["body"] = None

    assert read_comment(body) == replace(COMMENT, text="")


def test_a_character_that_no_database_keeps_is_replaced():
    body = a_comment()
    body["comment"]["body"] = "/fp\0 no"

    assert read_comment(body) == replace(COMMENT, text="/fp\N{REPLACEMENT CHARACTER} no")


def test_a_comment_at_a_line_begins_a_thread():
    assert read("pull_request_review_comment.created") == ReadEvent(
        event=CommentWritten(
            repository=HELLO_WORLD,
            number=2,
            comment_id="284312630",
            thread_id="284312630",
            text="Maybe you should use more emoji on this line.",
            author="Codertocat",
            author_key="Codertocat",
            is_bot=False,
            is_edit=False,
        ),
        installation_id=1,
    )


def test_a_reply_at_a_line_belongs_to_the_first_comments_thread():
    body = recorded("github", "pull_request_review_comment.edited")
    body["comment"]["in_reply_to_id"] = 284312001

    event = read_event(name="pull_request_review_comment", body=body).event

    assert (event.thread_id, event.comment_id, event.is_edit) == ("284312001", "284312630", True)


@pytest.mark.parametrize(
    "name",
    [
        "pull_request.opened",
        "pull_request.synchronize",
        "pull_request.reopened",
        "pull_request.ready_for_review",
    ],
)
def test_what_became_of_a_pull_request_is_told(name):
    event = read(name).event

    assert isinstance(event, ChangeRequestChanged)
    assert event.repository.external_id == "186853002"
    assert replace(event.change_request, updated_at=PULL_REQUEST.updated_at) == PULL_REQUEST


def test_a_synchronized_pull_request_has_its_new_head_and_time():
    assert read("pull_request.synchronize") == ReadEvent(
        event=ChangeRequestChanged(repository=HELLO_WORLD, change_request=PULL_REQUEST),
        installation_id=1,
    )


def test_a_closed_pull_request_is_closed():
    event = read("pull_request.closed").event

    assert event.change_request.state is RemoteState.CLOSED


def test_a_merged_pull_request_is_merged():
    body = recorded("github", "pull_request.closed")
    body["pull_request"] |= {"merged": True, "merged_at": "2019-05-15T15:20:40Z"}

    event = read_event(name="pull_request", body=body).event

    assert event.change_request.state is RemoteState.MERGED


@pytest.mark.parametrize("repository", [None, {"id": 7}])
def test_a_head_elsewhere_or_gone_is_a_fork(repository):
    body = recorded("github", "pull_request.opened")
    body["pull_request"]["head"]["repo"] = repository

    event = read_event(name="pull_request", body=body).event

    assert event.change_request.is_from_fork is True


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("installation.created", "created"),
        ("installation.suspend", "suspended"),
        ("installation.unsuspend", "resumed"),
        ("installation.deleted", "deleted"),
        ("installation.new_permissions_accepted", "changed"),
    ],
)
def test_what_became_of_an_installation_is_told(name, action):
    body = recorded("github", name)
    number = body["installation"]["id"]

    assert read(name) == ReadEvent(
        event=InstallationChanged(
            installation_id=number,
            action=action,
            account=body["installation"]["account"]["login"],
        ),
        installation_id=number,
    )


def test_an_installation_of_an_enterprise_has_a_slug():
    body = recorded("github", "installation.created")
    body["installation"]["account"] = {"id": 4, "slug": "acme-group", "name": "Acme Group"}

    assert read_event(name="installation", body=body).event.account == "acme-group"


def test_an_account_with_a_new_name_changes_its_installation():
    body = {
        "action": "renamed",
        "account": {"id": 9, "login": "acme-inc", "type": "Organization"},
        "changes": {"login": {"from": "acme"}},
        "installation": {"id": 44},
        "target_type": "Organization",
    }

    assert read_event(name="installation_target", body=body) == ReadEvent(
        event=InstallationChanged(installation_id=44, action="changed", account="acme-inc"),
        installation_id=44,
    )


def test_we_listen_to_nothing_that_is_dropped_at_the_door():
    assert set(EVENTS) <= set(KEPT)


def test_repositories_shared_with_an_installation_are_told():
    assert read("installation_repositories.added") == ReadEvent(
        event=RepositoriesShared(external_ids=["186853007"]), installation_id=957387
    )


def test_repositories_no_longer_shared_are_lost():
    assert read("installation_repositories.removed") == ReadEvent(
        event=RepositoriesLost(external_ids=["1296269"]), installation_id=2
    )


@pytest.mark.parametrize(
    ("name", "external_id", "full_name", "is_public"),
    [
        ("repository.renamed", "186853261", "Octocoders/Hello-World", True),
        ("repository.transferred", "186853261", "Octocoders/Hello-World", True),
        ("repository.publicized", "186853002", "Codertocat/Hello-World", True),
        ("repository.privatized", "186853002", "Codertocat/Hello-World", False),
        ("repository.edited", "186853261", "Octocoders/Hello-World", True),
    ],
)
def test_what_became_of_a_repository_is_told(name, external_id, full_name, is_public):
    assert read(name).event == RepositoryChanged(
        repository=RepositoryName(
            external_id=external_id,
            full_name=full_name,
            web_url=f"https://github.com/{full_name}",
            default_branch="master",
            is_public=is_public,
        )
    )


def test_an_edit_of_the_description_is_passed_over():
    event = read("repository.edited", changes={"description": {"from": "My Repo"}}).event

    assert event == Passed(reason="What changed at the repository does not concern us.")


def test_a_deleted_repository_is_lost():
    event = read("repository.renamed", action="deleted").event

    assert event == RepositoriesLost(external_ids=["186853261"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "meta.deleted",
            "The webhook was deleted at GitHub; import its repository anew to have it made again.",
        ),
        (
            "github_app_authorization.revoked",
            "Nothing follows from the event github_app_authorization.",
        ),
        ("ping", "Nothing follows from the event ping."),
        (
            "pull_request_review_comment.deleted",
            "Nothing follows from pull_request_review_comment, deleted.",
        ),
    ],
)
def test_what_nothing_follows_from_is_passed_over(name, reason):
    assert read(name) == ReadEvent(event=Passed(reason=reason))


@pytest.mark.parametrize("path", sorted((PAYLOADS / "github").glob("*.json")), ids=lambda p: p.stem)
def test_what_is_not_needed_at_the_door_would_be_passed_over_later(path):
    body = recorded("github", path.stem)
    name = path.stem.partition(".")[0]

    is_passed = isinstance(read_event(name=name, body=body).event, Passed)

    assert is_needed(name=name, body=body) or is_passed


def test_comments_on_plain_issues_are_not_kept():
    body = recorded("github", "issue_comment.created")

    assert not is_needed(name="issue_comment", body=body)
    assert is_needed(name="issue_comment", body=on_a_pull_request(body))


def _without(path):
    def change(body):
        *parents, last = path.split(".")
        place = body
        for parent in parents:
            place = place[parent]
        del place[last]

    return path, change


def _with(path, value):
    def change(body):
        *parents, last = path.split(".")
        place = body
        for parent in parents:
            place = place[parent]
        place[last] = value

    return path, change


@pytest.mark.parametrize(
    ("field", "change"),
    [
        _without("repository"),
        _without("comment.id"),
        _with("comment.id", "492700400"),
        _with("comment.id", 2**63),
        _with("comment.id", True),
        _with("comment.body", ["text"]),
        _with("comment.user", "Codertocat"),
        _with("issue", []),
        _with("issue.number", -1),
        _with("repository.full_name", "no-owner"),
        _with("repository.full_name", "acme/<script>"),
        _with("repository.html_url", "javascript:alert(1)"),
        _with("repository.private", "no"),
        _with("installation.id", 0),
    ],
)
def test_a_malformed_event_is_refused_with_the_field(field, change):
    body = a_comment()
    change(body)

    with pytest.raises(InvalidInputError) as refusal:
        read_event(name="issue_comment", body=body)

    assert refusal.value.field == field
    assert refusal.value.detail.startswith(f"{field}: the event issue_comment is not as")


def test_a_refusal_does_not_repeat_what_was_sent():
    body = a_comment()
    body["comment"]["body"] = {"secret": "hunter2"}

    with pytest.raises(InvalidInputError) as refusal:
        read_event(name="issue_comment", body=body)

    assert "hunter2" not in str(refusal.value.detail)


@pytest.mark.parametrize(
    ("field", "value"),
    [("head", {"ref": "x", "sha": "not-a-commit"}), ("updated_at", "yesterday"), ("title", None)],
)
def test_a_malformed_pull_request_is_refused(field, value):
    body = recorded("github", "pull_request.opened")
    body["pull_request"][field] = value

    with pytest.raises(InvalidInputError, match=f"^pull_request.{field}"):
        read_event(name="pull_request", body=body)


@pytest.mark.parametrize("action", [None, 4, ["created"], {}])
@pytest.mark.parametrize("name", sorted(KEPT))
def test_an_event_without_an_action_is_passed_over(name, action):
    event = read_event(name=name, body={"action": action}).event

    assert event == Passed(reason=f"Nothing follows from the event {name}.")
    assert not is_needed(name=name, body={"action": action})
