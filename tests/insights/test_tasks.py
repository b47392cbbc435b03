"""The week's recommended tasks, and how far they have come."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict

from findings.models import Finding, Severity, State
from insights.choosing import choose_tasks
from insights.filters import FindingFilter
from insights.search import search
from insights.tasks import monday_of, tasks_of_last_week, tasks_of_week
from tenants.scope import organization_scope
from tests.factories import ProjectFactory
from tests.insights.test_priorities import a_finding

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def shop(acme):
    return ProjectFactory(name="acme/shop")


@pytest.mark.parametrize(
    ("now", "time_zone", "monday"),
    [
        (datetime(2026, 11, 18, 9, tzinfo=UTC), "UTC", date(2026, 11, 16)),
        (datetime(2026, 11, 15, 23, 30, tzinfo=UTC), "UTC", date(2026, 11, 9)),
        (datetime(2026, 11, 15, 23, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 11, 16)),
        (datetime(2026, 11, 16, 3, tzinfo=UTC), "America/New_York", date(2026, 11, 9)),
        # The year ends on a Thursday; the clocks of Berlin go back on a Sunday.
        (datetime(2027, 1, 1, 12, tzinfo=UTC), "UTC", date(2026, 12, 28)),
        (datetime(2026, 10, 25, 22, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 19)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 10, 26)),
        (datetime(2026, 11, 18, 9, tzinfo=UTC), "Nowhere/Else", date(2026, 11, 16)),
        (datetime(2026, 11, 18, 9, tzinfo=UTC), "../etc", date(2026, 11, 16)),
    ],
)
def test_a_week_begins_on_monday_where_the_organization_is(now, time_zone, monday):
    assert monday_of(now=now, time_zone=time_zone) == monday


def test_progress_follows_the_findings(shop):
    ids = [a_finding(shop, path=f"app/{name}.py").id for name in "abcd"]
    choose_tasks(now=NOW)
    Finding.objects.filter(id=ids[0]).update(state=State.FIXED)
    Finding.objects.filter(id=ids[1]).update(triage_state="ignored")
    Finding.objects.filter(id=ids[2]).update(state=State.REMOVED)

    (task,) = tasks_of_week(now=NOW)
    assert (task.open_count, task.done_count, task.total, task.is_done) == (1, 2, 3, False)

    Finding.objects.filter(id=ids[3]).update(state=State.FIXED)

    (task,) = tasks_of_week(now=NOW)
    assert (task.open_count, task.done_count, task.total, task.is_done) == (0, 3, 3, True)


def test_last_weeks_tasks_are_shown_as_they_stand_now(shop):
    found = a_finding(shop)
    choose_tasks(now=NOW)
    Finding.objects.filter(id=found.id).update(state=State.FIXED)

    later = NOW + timedelta(days=7)

    assert [one.is_done for one in tasks_of_last_week(now=later)] == [True]
    assert tasks_of_week(now=later) == []
    assert tasks_of_last_week(now=NOW) == []


def test_the_address_of_a_task_shows_its_findings(shop):
    mine = {a_finding(shop, path="app/a.py").id, a_finding(shop, path="app/b.py").id}
    a_finding(shop, path="other/c.py", severity=Severity.MEDIUM)
    choose_tasks(now=NOW)
    task = tasks_of_week(now=NOW)[0]
    Finding.objects.filter(id=min(mine)).update(state=State.FIXED)

    path, _, query = task.url.partition("?")
    wanted = FindingFilter.from_query(QueryDict(query))

    assert path == "/orgs/acme/findings"
    assert {finding.id for finding in search(wanted)} == mine
    assert FindingFilter.from_query(wanted.to_query()) == wanted


def test_a_task_of_another_organization_shows_nothing(shop, rival):
    a_finding(shop)
    choose_tasks(now=NOW)
    (task,) = tasks_of_week(now=NOW)

    with organization_scope(rival.id):
        assert tasks_of_week(now=NOW) == []
        assert list(search(FindingFilter(task_id=task.id))) == []


@pytest.mark.parametrize("count", [3, 30])
def test_reading_takes_two_queries(shop, django_assert_num_queries, count):
    for number in range(count):
        a_finding(shop, path=f"app{number % 3}/{number}.py")
    choose_tasks(now=NOW)

    with django_assert_num_queries(2):
        assert len(tasks_of_week(now=NOW)) == 3


def test_reading_chooses_none(shop):
    a_finding(shop)

    assert tasks_of_week(now=NOW) == []
    assert tasks_of_last_week(now=NOW + timedelta(days=7)) == []
