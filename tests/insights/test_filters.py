"""The filter of findings and the address that carries it."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from findings.models import Confidence, Severity
from insights.filters import FindingFilter

EVERYTHING = FindingFilter(
    statuses=("open", "fixed"),
    severities=(Severity.CRITICAL.value, Severity.LOW.value),
    confidences=(Confidence.HIGH.value, Confidence.UNKNOWN.value),
    project_names=("acme/shop", "acme/a&b=c"),
    ref="refs/heads/feature/ü",
    verdicts=("false_positive", "none"),
    components=("payments",),
    risks=("low",),
    rules=("python.sql-injection",),
    since=datetime(2026, 11, 1, 12, tzinfo=UTC),
    until=datetime(2026, 11, 8, 12, tzinfo=UTC),
    moment="fixed",
    lifecycle="production",
    products=("sast",),
    path="app/",
    text="sql orders",
)


def test_an_address_without_filters_asks_for_open_findings():
    wanted = FindingFilter.from_query(QueryDict(""))

    assert wanted == FindingFilter(statuses=("open",))
    assert wanted.to_query().urlencode() == ""


@pytest.mark.parametrize("wanted", [EVERYTHING, FindingFilter(), FindingFilter(statuses=("open",))])
def test_a_filter_survives_its_way_through_an_address(wanted):
    address = wanted.to_query().urlencode()

    assert FindingFilter.from_query(QueryDict(address)) == wanted


def test_comma_lists_and_capitals_are_read():
    wanted = FindingFilter.from_query(
        QueryDict("severity=HIGH,critical&status=fixed&status=ignored")
    )

    assert wanted.severities == (Severity.CRITICAL, Severity.HIGH)
    assert wanted.statuses == ("ignored", "fixed")


def test_values_that_nobody_knows_ask_nothing():
    wanted = FindingFilter.from_query(
        QueryDict("status=gone&severity=huge&recommendation=maybe&risk=x&since=yesterday&repo=")
    )

    assert wanted == FindingFilter(statuses=("open",))


def test_removed_findings_cannot_be_asked_for():
    assert FindingFilter.from_query(QueryDict("status=removed")).statuses == ("open",)


def test_a_nul_never_reaches_the_database():
    wanted = FindingFilter.from_query(QueryDict("q=a%00b&path=%00&repo=x%00y&ref=%00main&rule=%00"))

    assert wanted == FindingFilter(statuses=("open",), text="ab", project_names=("xy",), ref="main")


def test_a_day_means_its_beginning():
    wanted = FindingFilter.from_query(QueryDict("since=2026-11-01"))

    assert wanted.since == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "is_counted"),
    [("severity=high&repo=acme/shop&recommendation=none&status=all", True), ("q=sql", False),
     ("ref=main", False), ("confidence=high", False), ("risk=low", False)],
)  # fmt: skip
def test_the_kept_counts_know_some_fields(query, is_counted):
    assert FindingFilter.from_query(QueryDict(query)).is_counted is is_counted


@pytest.mark.parametrize("query", ["by=fixed", "lifecycle=shown", "until=2026-11-01"])
def test_the_kept_counts_know_nothing_of_time(query):
    assert not FindingFilter.from_query(QueryDict(query)).is_counted


def test_moments_that_nobody_knows_ask_nothing():
    wanted = FindingFilter.from_query(QueryDict("until=later&by=magic&lifecycle=new"))

    assert wanted == FindingFilter(statuses=("open",))
