"""Each call fails in each way, and a merge request still ends with one comment for each key."""

from collections import Counter

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.gitlab.calls import Calls
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.review_host import GitLabReviewHost
from tests.fault_proxy import CUT_BEFORE, DROP_AFTER, TRUNCATE, TWICE, FaultProxy, error
from tests.integrations.gitlab.shop import NAME, a_draft

ALL = [
    a_draft("one", path="app/views.py", start=3, end=4),
    a_draft("two", path="app/new.py", start=1),
    a_draft("three"),
]
CALLS = [
    ("GET", "/draft_notes", 1),
    ("POST", "/draft_notes", 1),
    ("POST", "/draft_notes", 2),
    ("POST", "/draft_notes", 3),
    ("GET", "/draft_notes", 2),
    ("POST", "/bulk_publish", 1),
]


def tell(host, number, changes):
    """What notifications do, in short: look, remove what is there twice, post what is missing."""
    for _try in range(5):
        try:
            seen = Counter()
            for comment in host.own_comments(number=number):
                seen[comment.key] += 1
                if seen[comment.key] > 1:
                    host.delete_comment(number=number, comment=comment)
            missing = [draft for draft in ALL if not seen[draft.key]]
            if not missing:
                return
            host.post_comments(number=number, changes=changes, drafts=missing)
        except CodeHostBusyError:
            continue


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]}{call[1]}-{call[2]}")
@pytest.mark.parametrize(
    "fault", [CUT_BEFORE, DROP_AFTER, TWICE, TRUNCATE, error(502)], ids=lambda one: one.name
)
def test_whatever_breaks_each_comment_stands_once(
    gitlab, link, token, merge_request, changes, call, fault
):
    with FaultProxy(gitlab.url, [(*call, fault)]) as proxy:
        calls = Calls(base_url=proxy.url, token=lambda: token)
        host = GitLabReviewHost(link=link, client=GitLabClient(calls).of_project(NAME))

        tell(host, merge_request.iid, changes)

    notes = gitlab.notes(NAME, merge_request.iid)
    assert sorted(note.body for note in notes) == sorted(draft.body for draft in ALL)
    assert gitlab.drafts(NAME, merge_request.iid) == []
    assert sum(call.fault is not None for call in proxy.calls) == 1


@pytest.mark.parametrize("path", ["/discussions", "/notes"])
@pytest.mark.parametrize("fault", [DROP_AFTER, TWICE], ids=lambda one: one.name)
def test_whatever_breaks_without_drafts_each_comment_stands_once(
    gitlab, link, token, merge_request, changes, path, fault
):
    gitlab.has_draft_notes = False
    with FaultProxy(gitlab.url, [("POST", path, 1, fault)]) as proxy:
        calls = Calls(base_url=proxy.url, token=lambda: token)
        host = GitLabReviewHost(link=link, client=GitLabClient(calls).of_project(NAME))

        tell(host, merge_request.iid, changes)

    notes = gitlab.notes(NAME, merge_request.iid)
    assert sorted(note.body for note in notes) == sorted(draft.body for draft in ALL)
