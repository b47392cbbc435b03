"""Quiet hours by the wall clock of the organization, over midnight and where clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.models import Subscription
from notifications.quiet_hours import when_allowed
from tenants.models import Organization

MIDNIGHT = 0
SIX, SEVEN, HALF_PAST_TWO, TEN_PM = 6 * 60, 7 * 60, 2 * 60 + 30, 22 * 60


def subscription(begin, end, zone="Europe/Berlin"):
    return Subscription(
        organization=Organization(slug="acme", time_zone=zone), quiet_from=begin, quiet_until=end
    )


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        # Berlin is an hour ahead of UTC in winter.
        (utc(2026, 1, 10, 20, 59, 59), utc(2026, 1, 10, 20, 59, 59)),
        (utc(2026, 1, 10, 21, 0), utc(2026, 1, 11, 6, 0)),
        (utc(2026, 1, 10, 22, 59), utc(2026, 1, 11, 6, 0)),
        (utc(2026, 1, 10, 23, 0), utc(2026, 1, 11, 6, 0)),
        (utc(2026, 1, 11, 5, 59, 59), utc(2026, 1, 11, 6, 0)),
        (utc(2026, 1, 11, 6, 0), utc(2026, 1, 11, 6, 0)),
    ],
    ids=["before", "begin", "evening", "midnight", "last second", "end"],
)
def test_quiet_hours_run_over_midnight(now, allowed):
    assert when_allowed(subscription(TEN_PM, SEVEN), now) == allowed


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (utc(2026, 1, 10, 11, 59), utc(2026, 1, 10, 11, 59)),
        (utc(2026, 1, 10, 12, 0), utc(2026, 1, 10, 14, 0)),
        (utc(2026, 1, 10, 14, 0), utc(2026, 1, 10, 14, 0)),
    ],
)
def test_quiet_hours_within_a_day_end_on_that_day(now, allowed):
    assert when_allowed(subscription(13 * 60, 15 * 60), now) == allowed


def test_quiet_hours_until_midnight_end_with_the_year():
    quiet = subscription(20 * 60, MIDNIGHT)

    allowed = when_allowed(quiet, utc(2026, 12, 31, 22, 30))

    assert allowed == utc(2026, 12, 31, 23, 0)
    assert allowed.astimezone(ZoneInfo("Europe/Berlin")).date().isoformat() == "2027-01-01"


def test_quiet_hours_of_a_zone_that_is_not_known_are_those_of_utc():
    quiet = subscription(TEN_PM, SEVEN, zone="Mars/Olympus_Mons")

    assert when_allowed(quiet, utc(2026, 1, 10, 22, 0)) == utc(2026, 1, 11, 7, 0)


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter():
    now = utc(2026, 3, 28, 22, 0)

    assert when_allowed(subscription(TEN_PM, SEVEN), now) == utc(2026, 3, 29, 5, 0)


def test_the_night_in_which_clocks_go_back_is_an_hour_longer():
    now = utc(2026, 10, 24, 21, 0)

    assert when_allowed(subscription(TEN_PM, SEVEN), now) == utc(2026, 10, 25, 6, 0)


def test_an_end_that_the_clock_leaps_over_comes_right_after_the_leap():
    now = utc(2026, 3, 29, 0, 30)

    allowed = when_allowed(subscription(TEN_PM, HALF_PAST_TWO), now)

    assert allowed == utc(2026, 3, 29, 1, 30)


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 0, 30)),
        (utc(2026, 10, 25, 1, 10), utc(2026, 10, 25, 1, 30)),
    ],
    ids=["the first time", "the second time"],
)
def test_an_end_in_the_hour_that_comes_twice_is_that_of_the_hour_it_is(now, allowed):
    assert when_allowed(subscription(TEN_PM, HALF_PAST_TWO), now) == allowed


def test_each_organization_has_its_own_night():
    now = utc(2026, 6, 10, 22, 0)

    assert when_allowed(subscription(TEN_PM, SIX, "America/New_York"), now) == now
    assert when_allowed(subscription(TEN_PM, SIX, "Asia/Kolkata"), now) == utc(2026, 6, 11, 0, 30)


def test_without_quiet_hours_or_a_subscription_it_is_always_time():
    now = utc(2026, 1, 10, 23, 0)

    assert when_allowed(None, now) == now
    assert when_allowed(subscription(None, None), now) == now


@given(
    minutes=st.integers(0, 2 * 366 * 24 * 60),
    begin=st.integers(0, 24 * 60 - 1),
    end=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)
def test_nothing_waits_longer_than_a_day_or_goes_back_in_time(minutes, begin, end, zone):
    now = utc(2026, 1, 1) + timedelta(minutes=minutes)

    allowed = when_allowed(subscription(begin, end, zone), now)

    assert now <= allowed <= now + timedelta(hours=25)
    # A wait ends at the hour that was asked for, or where the clock leaps over it, after the leap.
    here = allowed.astimezone(ZoneInfo(zone))
    assert allowed == now or (here.hour * 60 + here.minute - end) in {0, 60}
