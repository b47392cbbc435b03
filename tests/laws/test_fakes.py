"""Our stand-ins have the shape of what they stand for."""

import inspect

import pytest

from integrations.github.review_host import GitHubReviewHost
from integrations.gitlab.review_host import GitLabReviewHost
from integrations.review_hosts import ReviewHost
from tests.fakes import FakeReviewHost

METHODS = [name for name in vars(ReviewHost) if not name.startswith("_")]


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("host", [FakeReviewHost, GitHubReviewHost, GitLabReviewHost])
def test_a_review_host_takes_what_the_protocol_gives(host, name):
    wanted = inspect.signature(getattr(ReviewHost, name)).parameters
    taken = inspect.signature(getattr(host, name)).parameters

    assert [(one, p.kind) for one, p in taken.items()] == [(o, p.kind) for o, p in wanted.items()]


def test_the_protocol_has_methods():
    assert "post_comments" in METHODS
