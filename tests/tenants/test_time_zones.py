"""Time zones by their names, and the one that is taken for a name that is none."""

from datetime import UTC, datetime, timedelta

import pytest

from tenants.time_zones import zone_of

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_known_name_gives_its_zone():
    zone = zone_of("Europe/Berlin")

    assert (zone.key, NOON.astimezone(zone).utcoffset()) == ("Europe/Berlin", timedelta(hours=2))


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "Europe",
        "Mars/Olympus_Mons",
        "../x",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe/../../x",
        "Europe/Berlin\0",
        "\ud800",
        "x" * 5000,
        "x/" * 5000,
    ],
)
def test_any_other_name_gives_utc(name):
    assert zone_of(name).key == "UTC"
