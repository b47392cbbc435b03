"""Eight o'clock on Mondays, as an organization's wall clock shows it, and names of weeks; pure."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EIGHT = time(8)


def eight_on(day: date, *, time_zone: str) -> datetime:
    """Return eight o'clock of a day by the wall clock, whatever its offset is on that day."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # as insights.tasks takes it
        zone = ZoneInfo("UTC")
    return datetime.combine(day, EIGHT, tzinfo=zone).astimezone(UTC)


def week_name(monday: date) -> str:
    """Return a week's name by ISO 8601, which is of the year that most of its days are in."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"
