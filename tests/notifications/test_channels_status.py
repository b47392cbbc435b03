"""What a check run or commit status says of a change request."""

from dataclasses import replace

import pytest

from findings.models import Severity, Status
from integrations.review_hosts import StatusState
from notifications.channels.change_request import status_of
from rules.models import Mode
from tests.notifications.builders import a_notice

URL = "https://assistant.example/orgs/acme/change-requests/1"


def of(*notices, is_analyzing=False):
    return status_of(notices, is_analyzing=is_analyzing, url=URL)


BLOCKING = a_notice(mode=Mode.BLOCK)
OTHER = a_notice(finding_id=13, severity=Severity.LOW)
FIXED = replace(BLOCKING, status=Status.FIXED)


@pytest.mark.parametrize(
    ("notices", "is_analyzing", "state", "title"),
    [
        ([], False, StatusState.SUCCESS, "No new findings"),
        ([], True, StatusState.PENDING, "No new findings; being analyzed"),
        ([OTHER], False, StatusState.NEUTRAL, "1 new finding"),
        ([OTHER], True, StatusState.PENDING, "1 new finding; being analyzed"),
        ([BLOCKING], False, StatusState.FAILURE, "1 new finding, 1 blocks merging"),
        ([BLOCKING], True, StatusState.FAILURE, "1 new finding, 1 blocks merging"),
        (
            [BLOCKING, BLOCKING, OTHER, FIXED],
            False,
            StatusState.FAILURE,
            "3 new findings, 2 block merging, 1 fixed or triaged",
        ),
        ([FIXED], False, StatusState.SUCCESS, "Nothing left to look at: 1 fixed or triaged"),
    ],
)
def test_the_status_says_what_is_left(notices, is_analyzing, state, title):
    status = of(*notices, is_analyzing=is_analyzing)

    assert (status.state, status.title, status.url) == (state, title, URL)


def test_the_summary_lists_what_blocks_first():
    assert of(OTHER, BLOCKING, FIXED).summary == (
        "- [SQL injection](https://assistant.example/orgs/acme/findings/12) in"
        " `app/orders.py:17` · critical · **blocks merging**\n"
        "- [SQL injection](https://assistant.example/orgs/acme/findings/12) in"
        " `app/orders.py:17` · low"
    )


def test_a_long_summary_ends_with_how_many_more():
    lines = of(*[a_notice(finding_id=number) for number in range(60)]).summary.split("\n")

    assert (len(lines), lines[-1]) == (21, "- and 40 more")


def test_a_summary_notifies_nobody():
    assert "@ada" not in of(a_notice(title="@ada fixes #1")).summary
    assert "#1" not in of(a_notice(title="@ada fixes #1")).summary
