"""Eight o'clock on Mondays, as an organization's wall clock shows it, and names of weeks; pure."""

from datetime import UTC, date, datetime, time

from tenants.time_zones import zone_of

EIGHT = time(8)


def eight_on(day: date, *, time_zone: str) -> datetime:
    """Return eight o'clock of a day by the wall clock, whatever its offset is on that day."""
    return datetime.combine(day, EIGHT, tzinfo=zone_of(time_zone)).astimezone(UTC)


def week_name(monday: date) -> str:
    """Return a week's name by ISO 8601, which is of the year that most of its days are in."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"
