"""The periods that figures are about: whole days in an organization's time zone, in equal parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from tenants.time_zones import zone_of

DEFAULT_PERIOD = "3m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A length of time that ends today, and how many days a column of a plot stands for."""

    label: str
    days: int
    step_days: int
    """A divisor of `days`."""


# Whole weeks from a quarter on: then each column has as many Mondays as the next.
PERIODS: Mapping[str, Period] = MappingProxyType(
    {
        "7d": Period(label="7 days", days=7, step_days=1),
        "30d": Period(label="30 days", days=30, step_days=1),
        "3m": Period(label="3 months", days=91, step_days=7),
        "6m": Period(label="6 months", days=182, step_days=14),
        "1y": Period(label="1 year", days=364, step_days=28),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A period with its parts: part n lasts from `bounds[n]` to before `bounds[n + 1]`, in UTC."""

    bounds: tuple[datetime, ...]
    days: tuple[date, ...]
    """The local days on which the bounds fall."""

    @property
    def since(self) -> datetime:
        """Its beginning."""
        return self.bounds[0]

    @property
    def until(self) -> datetime:
        """Its end: the midnight that ends today."""
        return self.bounds[-1]


def window_of(period: Period, *, now: datetime, time_zone: str) -> Window:
    """Return the period that ends with the day of `now` in this time zone, that day included."""
    zone = zone_of(time_zone)
    end = now.astimezone(zone).date() + timedelta(days=1)
    days = tuple(end - timedelta(days=days) for days in range(period.days, -1, -period.step_days))
    return Window(bounds=tuple(_midnight(day, zone) for day in days), days=days)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Where clocks are put forward at midnight, the day begins an hour later.
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
