"""Periods in whole days of an organization's time zone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from insights.periods import PERIODS, window_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_period_ends_with_today_and_today_is_in_it():
    window = window_of(PERIODS["7d"], now=NOW, time_zone="UTC")

    assert window.since == datetime(2026, 11, 14, tzinfo=UTC)
    assert window.until == datetime(2026, 11, 21, tzinfo=UTC)
    assert window.days == tuple(date(2026, 11, 14) + timedelta(days=n) for n in range(8))


@pytest.mark.parametrize("key", PERIODS)
def test_every_period_falls_into_equal_parts(key):
    period = PERIODS[key]

    window = window_of(period, now=NOW, time_zone="UTC")

    assert period.days % period.step_days == 0
    assert len(window.bounds) == period.days // period.step_days + 1


def test_days_begin_at_midnight_where_the_organization_is():
    window = window_of(PERIODS["7d"], now=NOW, time_zone="Asia/Tokyo")

    assert window.until == datetime(2026, 11, 20, 15, tzinfo=UTC)


def test_today_is_the_day_where_the_organization_is():
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    window = window_of(PERIODS["7d"], now=late, time_zone="Europe/Berlin")

    assert window.days[-2] == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (datetime(2026, 3, 29, 12, tzinfo=UTC), 23),
        (datetime(2026, 10, 25, 12, tzinfo=UTC), 25),
    ],
)
def test_the_day_on_which_clocks_change_is_shorter_or_longer(day, hours):
    window = window_of(PERIODS["7d"], now=day, time_zone="Europe/Berlin")

    assert window.bounds[-1] - window.bounds[-2] == timedelta(hours=hours)


def test_a_zone_that_nobody_knows_is_utc():
    assert window_of(PERIODS["7d"], now=NOW, time_zone="Mars/Base") == window_of(
        PERIODS["7d"], now=NOW, time_zone="UTC"
    )
