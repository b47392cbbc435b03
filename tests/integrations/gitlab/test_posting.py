"""Posting comments with few mails, and none twice."""

from dataclasses import replace

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.gitlab.posting import check_text
from integrations.review_hosts import GoneError, Place, ReviewRefusedError
from tests.gitlab_server.state import DraftNote
from tests.integrations.gitlab.shop import BOT, NAME, a_draft

INLINE = a_draft("one", path="app/views.py", start=3, end=4)
UNCHANGED = a_draft("two", path="app/views.py", start=5, end=6)
IN_NEW_FILE = a_draft("three", path="app/new.py", start=2)
TALK = a_draft("four")
ALL = [INLINE, UNCHANGED, IN_NEW_FILE, TALK]


def keys(host, number):
    return [comment.key for comment in host.own_comments(number=number)]


def test_several_comments_are_one_mail(gitlab, host, merge_request, changes):
    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    notes = gitlab.notes(NAME, merge_request.iid)
    assert [(note.path, note.line) for note in notes] == [
        ("app/views.py", 4),
        ("app/views.py", 6),
        ("app/new.py", 2),
        ("", None),
    ]
    assert [note.body for note in notes] == [draft.body for draft in ALL]
    assert gitlab.notifications(NAME, merge_request.iid) == 1
    assert gitlab.drafts(NAME, merge_request.iid) == []


def test_a_range_of_lines_is_marked_from_its_first_to_its_last(
    gitlab, host, merge_request, changes
):
    host.post_comments(number=merge_request.iid, changes=changes, drafts=[INLINE])

    [note] = gitlab.notes(NAME, merge_request.iid)
    ends = note.position["line_range"]
    assert (ends["start"]["new_line"], ends["end"]["new_line"]) == (3, 4)


def test_one_comment_needs_no_draft(gitlab, host, merge_request, changes):
    host.post_comments(number=merge_request.iid, changes=changes, drafts=[UNCHANGED])

    assert keys(host, merge_request.iid) == ["two"]
    assert gitlab.asked(path="/draft_notes") == []


def test_a_comment_in_the_conversation_is_no_thread_to_be_resolved(
    gitlab, host, merge_request, changes
):
    host.post_comments(number=merge_request.iid, changes=changes, drafts=[TALK])

    [discussion] = gitlab.discussions(NAME, merge_request.iid)
    assert discussion.is_individual


def test_an_old_gitlab_without_drafts_gets_them_one_by_one(gitlab, host, merge_request, changes):
    gitlab.has_draft_notes = False

    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    assert keys(host, merge_request.iid) == ["one", "two", "three", "four"]
    assert gitlab.notifications(NAME, merge_request.iid) == 4


def test_comments_at_an_older_version_stay_there(gitlab, host, merge_request, changes):
    gitlab.push(NAME, "feature", {"app/views.py": "nothing left\n"})

    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    assert keys(host, merge_request.iid) == ["one", "two", "three", "four"]


def test_drafts_of_a_try_that_died_are_removed_and_posted_one_by_one(
    gitlab, host, merge_request, changes
):
    gitlab.fail(500, method="POST", path="/bulk_publish")
    with pytest.raises(CodeHostBusyError):
        host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)
    assert keys(host, merge_request.iid) == []
    assert len(gitlab.drafts(NAME, merge_request.iid)) == 4

    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    assert keys(host, merge_request.iid) == ["one", "two", "three", "four"]
    assert gitlab.drafts(NAME, merge_request.iid) == []


def test_what_died_before_all_drafts_were_made_leaves_none_behind(
    gitlab, host, merge_request, changes
):
    host.client.write_draft(merge_request.iid, note=ALL[0].body, position=None)

    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    assert sorted(keys(host, merge_request.iid)) == ["four", "one", "three", "two"]
    assert gitlab.drafts(NAME, merge_request.iid) == []


def test_what_a_person_has_not_finished_is_not_published(gitlab, host, merge_request, changes):
    unfinished = DraftNote(author=BOT, note="What I think of thi", position=None)
    gitlab.merge_request(NAME, merge_request.iid).drafts[unfinished.id] = unfinished

    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    assert keys(host, merge_request.iid) == ["one", "two", "three", "four"]
    assert gitlab.drafts(NAME, merge_request.iid) == [unfinished]


def test_a_refused_comment_does_not_hold_up_the_others(gitlab, host, merge_request, changes):
    gitlab.has_draft_notes = False
    gitlab.fail(400, method="POST", path="/discussions", message="400 Bad request - Note {}")

    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    assert keys(host, merge_request.iid) == ["two", "three", "four"]


def test_it_is_said_why_none_was_taken(gitlab, host, merge_request, changes):
    gitlab.has_draft_notes = False
    gitlab.fail(400, times=2, method="POST", path="/discussions", message="line_code is blank")

    with pytest.raises(ReviewRefusedError, match="line_code is blank"):
        host.post_comments(number=merge_request.iid, changes=changes, drafts=[INLINE, UNCHANGED])


def test_a_draft_that_is_refused_sends_all_one_by_one(gitlab, host, merge_request, changes):
    gitlab.fail(400, method="POST", path="/draft_notes", message="no")

    host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)

    assert keys(host, merge_request.iid) == ["one", "two", "three", "four"]
    assert gitlab.drafts(NAME, merge_request.iid) == []


def test_a_draft_that_gitlab_would_drop_without_a_word_is_seen(
    gitlab, host, merge_request, changes
):
    places = {"app/views.py": replace(changes.files["app/views.py"], lines={3: 2, 4: None})}
    wrong = replace(changes, files={**changes.files, **places})
    nowhere = a_draft("nowhere", path="app/views.py", start=3)

    host.post_comments(number=merge_request.iid, changes=wrong, drafts=[TALK, nowhere])

    assert keys(host, merge_request.iid) == ["four"]
    assert gitlab.drafts(NAME, merge_request.iid) == []


def test_a_line_outside_the_diff_is_refused_before_anything_is_written(
    gitlab, host, merge_request, changes
):
    outside = a_draft("far", path="app/views.py", start=15)

    with pytest.raises(ReviewRefusedError, match="does not show it"):
        host.post_comments(number=merge_request.iid, changes=changes, drafts=[outside])

    assert gitlab.notes(NAME, merge_request.iid) == []


def test_a_line_outside_the_diff_does_not_hold_up_the_others(gitlab, host, merge_request, changes):
    outside = a_draft("far", path="app/views.py", start=15)

    host.post_comments(number=merge_request.iid, changes=changes, drafts=[outside, *ALL])

    assert keys(host, merge_request.iid) == ["one", "two", "three", "four"]
    assert gitlab.notifications(NAME, merge_request.iid) == 1


def test_a_merge_request_that_is_gone_is_said_so(gitlab, host, merge_request, changes):
    del gitlab.repositories[NAME].merge_requests[merge_request.iid]

    with pytest.raises(GoneError):
        host.post_comments(number=merge_request.iid, changes=changes, drafts=ALL)


def test_nothing_to_post_asks_for_nothing(gitlab, host, merge_request, changes):
    before = len(gitlab.requests)

    host.post_comments(number=merge_request.iid, changes=changes, drafts=[])

    assert len(gitlab.requests) == before


@pytest.mark.parametrize("text", ["/close", "Fine.\n/merge\n", "a\n/assign me"])
def test_a_text_that_gitlab_would_obey_is_not_written(text):
    with pytest.raises(ReviewRefusedError, match="slash"):
        check_text(text)


@pytest.mark.parametrize("text", ["`/fp why`", " /close", "see app/views.py", "/ 2", "a /close"])
def test_a_slash_elsewhere_is_only_a_slash(text):
    check_text(text)


def test_a_text_that_is_too_long_is_not_written():
    with pytest.raises(ReviewRefusedError, match="65,536"):
        check_text("a" * 65_537)


def test_a_body_with_a_command_is_refused_before_anything_is_written(
    gitlab, host, merge_request, changes
):
    evil = a_draft("one")
    evil = type(evil)(key="evil", body="/close\n", place=Place(path="x", start_line=1, end_line=1))

    with pytest.raises(ReviewRefusedError):
        host.post_comments(number=merge_request.iid, changes=changes, drafts=[TALK, evil])

    assert gitlab.notes(NAME, merge_request.iid) == []
