"""GitLab's documented events, read into our words."""

import datetime as dt
from dataclasses import replace

import pytest

from core.errors import InvalidInputError
from integrations.events import (
    ChangeRequestChanged,
    CommentWritten,
    Passed,
    ReadEvent,
    RepositoryName,
)
from integrations.gitlab.events import is_needed, read_event
from integrations.review_hosts import RemoteChangeRequest, RemoteState
from tests.integrations.hooks import PAYLOADS, recorded

SHOP = RepositoryName(
    external_id="15",
    full_name="acme/web/shop",
    web_url="https://gitlab.example.com/acme/web/shop",
    default_branch="main",
    is_public=False,
)
COMMENT = CommentWritten(
    repository=SHOP,
    number=7,
    comment_id="1244",
    thread_id="",
    text="/fp the order number is checked above",
    author="mel",
    author_key="51",
    is_bot=False,
    is_edit=False,
)
MERGE_REQUEST = RemoteChangeRequest(
    number=7,
    state=RemoteState.OPEN,
    title="Show orders",
    url="https://gitlab.example.com/acme/web/shop/-/merge_requests/7",
    author="mel",
    head_commit="4f2d6a1be0c93f7788a5bd1c6e0f9a2b3c4d5e6f",
    head_ref="orders",
    base_ref="main",
    is_from_fork=False,
    updated_at=dt.datetime(2026, 11, 20, 9, 58, 30, tzinfo=dt.UTC),
)
EVENT_OF = {"note": "Note Hook", "merge_request": "Merge Request Hook", "push": "Push Hook"}


def event_of(name):
    return EVENT_OF[name.partition(".")[0]]


def read(name, **attributes):
    body = recorded("gitlab", name)
    body.get("object_attributes", {}).update(attributes)
    return read_event(name=event_of(name), body=body).event


def test_a_comment_in_the_conversation_has_no_thread():
    body = recorded("gitlab", "note.conversation")

    assert read_event(name="Note Hook", body=body) == ReadEvent(event=COMMENT)


def test_a_comment_in_a_discussion_names_it():
    assert read("note.discussion") == replace(
        COMMENT, comment_id="1245", thread_id="6a9c1750b37d513a43987b574953fceb50b03ce7"
    )


def test_a_reply_to_a_comment_of_the_conversation_is_in_a_discussion():
    event = read("note.conversation", type="DiscussionNote", discussion_id="ab" * 20)

    assert event.thread_id == "ab" * 20


def test_an_edited_comment_is_told_as_edited():
    event = read("note.edited")

    assert (event.is_edit, event.text) == (True, "/ar we accept that")


def test_a_comment_that_somebody_else_edited_is_not_what_its_author_said():
    assert read("note.edited", author_id=52) == Passed(
        reason="The comment was edited by somebody who did not write it."
    )


def test_an_edited_comment_that_names_no_author_is_nobodys():
    body = recorded("gitlab", "note.edited")
    del body["object_attributes"]["author_id"]

    assert read_event(name="Note Hook", body=body).event == Passed(
        reason="The comment was edited by somebody who did not write it."
    )


def test_versions_that_do_not_tell_the_action_send_new_comments_alone():
    body = recorded("gitlab", "note.conversation")
    del body["object_attributes"]["action"]

    assert is_needed(name="Note Hook", body=body)
    assert read_event(name="Note Hook", body=body).event == COMMENT


@pytest.mark.parametrize(
    "username", ["project_15_bot_4ffca233d8298ea1", "group_3_bot", "service_account_acme"]
)
def test_the_users_behind_access_tokens_are_told_as_bots(username):
    body = recorded("gitlab", "note.conversation")
    body["user"]["username"] = username

    assert read_event(name="Note Hook", body=body).event.is_bot is True


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("note.system", "GitLab wrote the comment itself."),
        ("note.issue", "The comment stands at no merge request."),
        ("merge_request.approved", "Nothing follows from Merge Request Hook, approved."),
        ("push", "Nothing follows from the event Push Hook."),
    ],
)
def test_what_nothing_follows_from_is_passed_over(name, reason):
    assert read(name) == Passed(reason=reason)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("merge_request.open", {}),
        ("merge_request.push", {"minute": 20, "author": ""}),
        (
            "merge_request.update",
            {"minute": 21, "author": "", "title": "Show orders by number"},
        ),
        (
            "merge_request.close",
            {"minute": 22, "author": "", "state": RemoteState.CLOSED},
        ),
        ("merge_request.reopen", {"minute": 23, "author": ""}),
        (
            "merge_request.merge",
            {"minute": 24, "author": "", "state": RemoteState.MERGED},
        ),
    ],
)
def test_what_became_of_a_merge_request_is_told(name, changes):
    minute = changes.pop("minute", None)
    if minute is not None:
        changes["updated_at"] = dt.datetime(2026, 11, 20, 10, minute, tzinfo=dt.UTC)

    assert read(name) == ChangeRequestChanged(
        repository=SHOP,
        change_request=replace(MERGE_REQUEST, **changes),
    )


def test_a_merge_request_from_another_project_is_from_a_fork():
    assert read("merge_request.open", source_project_id=99).change_request.is_from_fork is True
    assert read("merge_request.open", source_project_id=None).change_request.is_from_fork is True


def test_a_merge_request_without_commits_is_passed_over():
    assert read("merge_request.open", last_commit=None) == Passed(
        reason="The merge request has no commits."
    )


@pytest.mark.parametrize(
    ("level", "is_public"), [(0, False), (10, False), (20, True), (None, None)]
)
def test_only_the_highest_level_of_visibility_is_public(level, is_public):
    body = recorded("gitlab", "note.conversation")
    body["project"]["visibility_level"] = level

    event = read_event(name="Note Hook", body=body).event

    assert event.repository.is_public is is_public


@pytest.mark.parametrize("path", sorted((PAYLOADS / "gitlab").glob("*.json")), ids=lambda p: p.stem)
def test_what_is_not_needed_at_the_door_would_be_passed_over_later(path):
    body = recorded("gitlab", path.stem)

    is_passed = isinstance(read(path.stem), Passed)

    assert is_needed(name=event_of(path.stem), body=body) is not is_passed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "1244"),
        ("id", None),
        ("note", 4),
        ("noteable_type", None),
        ("system", "no"),
        ("action", 1),
    ],
)
def test_a_malformed_comment_is_refused_with_the_field(field, value):
    with pytest.raises(InvalidInputError) as refusal:
        read("note.conversation", **{field: value})

    assert refusal.value.field == f"object_attributes.{field}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("iid", 2**31),
        ("url", "file:///etc/passwd"),
        ("last_commit", {"id": "HEAD"}),
        ("updated_at", "soon"),
        ("updated_at", None),
        ("source_branch", "x" * 401),
    ],
)
def test_a_malformed_merge_request_is_refused(field, value):
    with pytest.raises(InvalidInputError, match=f"^object_attributes.{field}"):
        read("merge_request.open", **{field: value})


@pytest.mark.parametrize("name", ["Note Hook", "Merge Request Hook"])
@pytest.mark.parametrize("body", [{}, {"object_attributes": []}, {"project": 4, "user": None}])
def test_an_event_without_its_parts_is_refused_and_not_needed(name, body):
    assert not is_needed(name=name, body=body)
    with pytest.raises(InvalidInputError):
        read_event(name=name, body=body)
