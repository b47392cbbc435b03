"""The week's recommended tasks: chosen once, stable, and how far they have come."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict

from findings.models import Finding, Product, Severity, State
from insights.filters import FindingFilter
from insights.models import RecommendedTask
from insights.search import search
from insights.tasks import monday_of, tasks_of_last_week, tasks_of_week
from tenants.models import Organization
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


def test_the_three_most_urgent_of_all_products_are_chosen(shop):
    a_finding(shop, path="app/db/a.py", severity=Severity.CRITICAL)
    a_finding(
        shop,
        path="package-lock.json",
        product=Product.SCA,
        check_id="cve-1",
        metadata={"assistant.package": "lodash"},
    )
    a_finding(
        shop,
        path="config/aws.py",
        product=Product.SECRETS,
        check_id="acme.aws-key",
        relevant_since=NOW - timedelta(days=9),
    )
    a_finding(shop, path="app/x.py", severity=Severity.MEDIUM)

    tasks = tasks_of_week(now=NOW)

    assert [(one.title, one.product, one.project_name) for one in tasks] == [
        ("Fix: SQL in app/db/a.py", Product.SAST, "acme/shop"),
        ("Revoke and replace: AWS key in config/aws.py", Product.SECRETS, "acme/shop"),
        ("Upgrade lodash in package-lock.json", Product.SCA, "acme/shop"),
    ]
    assert [one.rationale for one in tasks] == [
        "Impact: 1 critical finding. Effort: one place in one file.",
        "Impact: 1 high finding, open for 9 days. Effort: one secret to revoke, in one file.",
        "Impact: 1 high finding. Effort: one dependency upgrade.",
    ]
    assert [(one.open_count, one.done_count, one.total, one.is_done) for one in tasks] == [
        (1, 0, 1, False)
    ] * 3


def test_nothing_to_do_is_no_task(shop):
    a_finding(shop, severity=Severity.LOW)

    assert tasks_of_week(now=NOW) == []
    assert not RecommendedTask.objects.exists()


def test_tasks_stay_what_they_are_all_week(shop):
    for folder in "abc":
        a_finding(shop, path=f"{folder}/x.py")
    first = tasks_of_week(now=NOW)
    a_finding(shop, path="worse/x.py", severity=Severity.CRITICAL)

    assert tasks_of_week(now=NOW + timedelta(days=4)) == first
    assert tasks_of_week(now=NOW + timedelta(days=5))[0].title == "Fix: SQL in worse/x.py"


def test_free_places_are_filled_during_the_week_and_nothing_moves(shop):
    a_finding(shop, path="a/x.py")
    first = tasks_of_week(now=NOW)
    a_finding(shop, path="worse/x.py", severity=Severity.CRITICAL)

    tasks = tasks_of_week(now=NOW + timedelta(days=1))

    assert tasks[:1] == first
    assert [one.title for one in tasks[1:]] == ["Fix: SQL in worse/x.py"]


def test_progress_follows_the_findings(shop):
    ids = [a_finding(shop, path=f"app/{name}.py").id for name in "abcd"]
    tasks_of_week(now=NOW)
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
    tasks_of_week(now=NOW)
    Finding.objects.filter(id=found.id).update(state=State.FIXED)

    later = NOW + timedelta(days=7)

    assert [one.is_done for one in tasks_of_last_week(now=later)] == [True]
    assert tasks_of_week(now=later) == []
    assert tasks_of_last_week(now=NOW) == []


def test_the_address_of_a_task_shows_its_findings(shop):
    mine = {a_finding(shop, path="app/a.py").id, a_finding(shop, path="app/b.py").id}
    a_finding(shop, path="other/c.py", severity=Severity.MEDIUM)
    task = tasks_of_week(now=NOW)[0]
    Finding.objects.filter(id=min(mine)).update(state=State.FIXED)

    path, _, query = task.url.partition("?")
    wanted = FindingFilter.from_query(QueryDict(query))

    assert path == "/orgs/acme/findings"
    assert {finding.id for finding in search(wanted)} == mine
    assert FindingFilter.from_query(wanted.to_query()) == wanted


def test_a_task_of_another_organization_shows_nothing(shop, rival):
    a_finding(shop)
    (task,) = tasks_of_week(now=NOW)

    with organization_scope(rival.id):
        assert tasks_of_week(now=NOW) == []
        assert list(search(FindingFilter(task_id=task.id))) == []


def test_the_week_is_that_of_the_organizations_time_zone(acme, shop):
    Organization.objects.filter(id=acme.id).update(time_zone="Pacific/Auckland")
    a_finding(shop)

    tasks_of_week(now=datetime(2026, 11, 15, 12, tzinfo=UTC))

    assert RecommendedTask.objects.get().week == date(2026, 11, 16)


def test_a_very_long_place_still_has_a_key_and_a_title(shop):
    a_finding(shop, path=f"{'deep/' * 150}x.py", check_id="acme." + "long-" * 70)

    (task,) = tasks_of_week(now=NOW)

    assert len(task.title) <= 200
    assert len(RecommendedTask.objects.get().key) <= 200


@pytest.mark.parametrize("count", [3, 30])
def test_asking_again_takes_two_queries(shop, django_assert_num_queries, count):
    for number in range(count):
        a_finding(shop, path=f"app{number % 3}/{number}.py")
    tasks_of_week(now=NOW)

    with django_assert_num_queries(2):
        assert len(tasks_of_week(now=NOW)) == 3
