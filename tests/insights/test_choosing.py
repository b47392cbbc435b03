"""The week's tasks: chosen once, stable, by one worker, when there is something to choose."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from findings.models import Product, Severity
from insights.announcements import choice_wanted
from insights.choosing import (
    choose_tasks,
    chosen_tasks,
    is_chosen,
    want_choice_after_scan,
    want_choice_when_due,
)
from insights.models import RecommendedTask, TaskChoice
from insights.tasks import tasks_of_week
from pipeline import jobs, trades
from tenants.jobs import JobStatus
from tenants.models import Organization
from tenants.scope import organization_scope
from tests.factories import ProjectFactory
from tests.insights.test_priorities import a_finding

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(acme):
    return ProjectFactory(name="acme/shop")


@pytest.fixture
def wishes():
    """The ids of each announcement of work."""
    heard = []

    def listen(choice_ids, **_announcement):
        heard.append(choice_ids)

    choice_wanted.connect(listen)
    yield heard
    choice_wanted.disconnect(listen)


def chosen(now):
    choose_tasks(now=now)
    return tasks_of_week(now=now)


def work(now):
    """Do what a worker does when its message comes."""
    return jobs.run_job(trade=trades.CHOICES, job_id=TaskChoice.objects.get().pk, now=now)


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

    tasks = chosen(NOW)

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

    assert chosen(NOW) == []
    assert not RecommendedTask.objects.exists()


def test_tasks_stay_what_they_are_all_week(shop):
    for folder in "abc":
        a_finding(shop, path=f"{folder}/x.py")
    first = chosen(NOW)
    a_finding(shop, path="worse/x.py", severity=Severity.CRITICAL)

    assert chosen(NOW + timedelta(days=4)) == first
    assert chosen(NOW + timedelta(days=5))[0].title == "Fix: SQL in worse/x.py"


def test_free_places_are_filled_during_the_week_and_nothing_moves(shop):
    a_finding(shop, path="a/x.py")
    first = chosen(NOW)
    a_finding(shop, path="worse/x.py", severity=Severity.CRITICAL)

    tasks = chosen(NOW + timedelta(days=1))

    assert tasks[:1] == first
    assert [one.title for one in tasks[1:]] == ["Fix: SQL in worse/x.py"]


def test_the_week_is_that_of_the_organizations_time_zone(acme, shop):
    Organization.objects.filter(id=acme.id).update(time_zone="Pacific/Auckland")
    a_finding(shop)

    choose_tasks(now=datetime(2026, 11, 15, 12, tzinfo=UTC))

    assert RecommendedTask.objects.get().week == date(2026, 11, 16)


def test_a_very_long_place_still_has_a_key_and_a_title(shop):
    a_finding(shop, path=f"{'deep/' * 150}x.py", check_id="acme." + "long-" * 70)

    (task,) = chosen(NOW)

    assert len(task.title) <= 200
    assert len(RecommendedTask.objects.get().key) <= 200


def test_scans_of_a_moment_are_one_choice(shop, wishes, django_capture_on_commit_callbacks):
    a_finding(shop)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            want_choice_after_scan(now=NOW + timedelta(seconds=number))

    assert len(wishes) == 1
    assert work(NOW + timedelta(seconds=29)) is None
    assert tasks_of_week(now=NOW) == []
    assert work(NOW + timedelta(seconds=30)) is None
    assert len(tasks_of_week(now=NOW)) == 1
    assert work(NOW + timedelta(seconds=31)) is None
    assert TaskChoice.objects.get().claims == 1


def test_a_scan_that_ends_during_the_ranking_has_it_done_again(shop):
    want_choice_when_due(now=NOW)
    TaskChoice.objects.update(status=JobStatus.RUNNING, claims=1)
    want_choice_after_scan(now=NOW)

    choice = TaskChoice.objects.get()
    assert choice.is_wanted_again
    assert not is_chosen(now=NOW)


def test_a_week_with_all_its_tasks_is_not_ranked_again(shop):
    for folder in "abc":
        a_finding(shop, path=f"{folder}/x.py")
    choose_tasks(now=NOW)

    want_choice_after_scan(now=NOW)
    want_choice_when_due(now=NOW)

    assert not TaskChoice.objects.exists()


def test_the_sweep_asks_when_a_week_begins(shop):
    sunday = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    want_choice_when_due(now=sunday)
    work(sunday)
    want_choice_when_due(now=sunday + timedelta(seconds=59))
    assert is_chosen(now=sunday)

    want_choice_when_due(now=sunday + MINUTE)

    assert TaskChoice.objects.get().status == JobStatus.WAITING
    assert not is_chosen(now=sunday + MINUTE)


def test_where_places_stay_free_the_sweep_asks_again_after_an_hour(shop):
    want_choice_when_due(now=NOW)
    work(NOW)
    want_choice_when_due(now=NOW + 59 * MINUTE)
    assert TaskChoice.objects.get().status == JobStatus.DONE

    a_finding(shop)
    want_choice_when_due(now=NOW + 60 * MINUTE)
    work(NOW + 60 * MINUTE)

    assert len(tasks_of_week(now=NOW)) == 1


def test_a_worker_that_died_is_followed_by_another(shop):
    a_finding(shop)
    want_choice_when_due(now=NOW)
    TaskChoice.objects.update(status=JobStatus.RUNNING, next_attempt_at=NOW + 10 * MINUTE)

    assert work(NOW + 9 * MINUTE) is None
    assert tasks_of_week(now=NOW) == []
    work(NOW + 10 * MINUTE)
    assert len(tasks_of_week(now=NOW)) == 1


def test_done_twice_it_adds_nothing(shop):
    a_finding(shop)

    choose_tasks(now=NOW)
    choose_tasks(now=NOW)

    assert RecommendedTask.objects.count() == 1


def test_who_writes_a_mail_before_any_was_chosen_chooses(shop):
    a_finding(shop)
    first = chosen_tasks(now=NOW)
    a_finding(shop, path="later/x.py")

    assert [one.title for one in first] == ["Fix: SQL in app/db/a.py"]
    assert chosen_tasks(now=NOW) == first


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_choose_once(acme, shop):
    for folder in "ab":
        a_finding(shop, path=f"{folder}/x.py")
    gate = threading.Barrier(2)

    def choose():
        with organization_scope(acme.pk):
            gate.wait(timeout=30)
            choose_tasks(now=NOW)
        connection.close()

    threads = [threading.Thread(target=choose) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(RecommendedTask.objects.values_list("rank", flat=True)) == [1, 2]


def test_another_organizations_choice_is_its_own(shop, rival):
    a_finding(shop)
    want_choice_when_due(now=NOW)
    work(NOW)

    with organization_scope(rival.id):
        assert not is_chosen(now=NOW)
        want_choice_when_due(now=NOW)
        assert TaskChoice.objects.get().status == JobStatus.WAITING
        assert chosen(NOW) == []
