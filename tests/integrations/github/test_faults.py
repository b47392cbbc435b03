"""Every call to GitHub fails once, in each way: tried again, the end is the same."""

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.github.codehost import GitHubCodeHost
from integrations.github.review_host import GitHubReviewHost
from tests.fault_proxy import (
    CUT_BEFORE,
    DROP_AFTER,
    TRUNCATE,
    TWICE,
    TWICE_LAST,
    FaultProxy,
    each_call_once,
    error,
    error_after,
)
from tests.integrations.github.stage import FILES, NAME
from tests.integrations.github.test_proposals import AFTER, BRANCH, proposal

FAULTS = [CUT_BEFORE, DROP_AFTER, TRUNCATE, TWICE, TWICE_LAST, error(503), error_after(502)]
MOST_TRIES = 30


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.name)
def link(request, stage, github):
    """A link by app through a proxy in which each call fails once."""
    link = stage.by_app()
    with FaultProxy(github.url, each_call_once(request.param)) as proxy:
        link.connection.base_url = link.connection.app.base_url = proxy.url
        yield link


def tried_until_done(do):
    for _try in range(MOST_TRIES):
        try:
            return do()
        except CodeHostBusyError:
            continue
    raise AssertionError("It never ended.")


def test_one_pull_request_is_opened(github, stage, link):
    host = GitHubReviewHost.of_link(link)

    opened = tried_until_done(lambda: host.open_change_request(proposal=proposal()))

    (pull,) = github.pulls(NAME)
    git = github.repositories[NAME].git
    assert (opened.number, opened.head_commit) == (pull.number, pull.head_sha)
    assert git.read(BRANCH, "app/views.py") == AFTER
    assert git.commit(pull.head_sha).parents == [stage.first]


def test_a_file_is_read_whole(stage, link):
    host = GitHubCodeHost.of_link(link)

    file = tried_until_done(lambda: host.read_file(path="app/views.py", commit=stage.first))

    assert file.text == FILES["app/views.py"]


def test_all_of_our_comments_are_found(github, stage, link):
    stage.open_pull()
    host = GitHubReviewHost.of_link(link)
    tried_until_done(lambda: host.read_change_request(number=1))
    for number in range(101):
        github.comment(NAME, 1, "assay-acme[bot]", f"Comment {number}")

    found = tried_until_done(lambda: host.own_comments(number=1))

    assert [comment.body for comment in found] == [f"Comment {number}" for number in range(101)]
