"""Change requests as scans and code hosts tell of them."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.db.models import Count

from findings.change_requests import (
    change_request_of,
    note_change_request,
    note_scanned,
    scans_of,
)
from findings.models import Activity, ChangeRequest, Finding, FindingCount, Ref
from findings.scans import ScanAnnouncement, open_scan
from findings.signals import change_request_changed
from integrations.review_hosts import RemoteChangeRequest, RemoteState
from tenants.scope import organization_scope
from tests.factories import ProjectFactory
from tests.findings.uploads import a_match, a_report, announce_scan, on_ref, scan_of, upload

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
META = {
    "pull_request_title": "Add a search",
    "pull_request_author_username": "mel",
    "scan_environment": "github-actions",
    "repo_url": "https://github.example.com/acme/shop",
}


def remote(number=7, *, state=RemoteState.OPEN, minutes=0, **changes):
    """A change request as the code host tells of it, some minutes after NOW."""
    facts = {
        "title": "Add a search",
        "url": "https://github.example.com/acme/shop/pull/7",
        "author": "mel",
        "head_commit": "b" * 40,
        "head_ref": "search",
        "base_ref": "main",
        "is_from_fork": False,
        "updated_at": NOW + timedelta(minutes=minutes),
        **changes,
    }
    return RemoteChangeRequest(number=number, state=state, **facts)


def scan_change(*matches, number=7, branch=None, **announced):
    return scan_of(
        a_report(*matches),
        branch=branch or f"refs/pull/{number}/merge",
        full=False,
        change_request=str(number),
        **announced,
    )


def close(scan, *, number=7, state=RemoteState.CLOSED, minutes=1):
    return note_change_request(
        project=scan.project, remote=remote(number, state=state, minutes=minutes), now=NOW
    )


@pytest.fixture
def announced():
    """The ids of change requests that were announced."""
    heard = []

    def hear(change_request_id, **_ids):
        heard.append(change_request_id)

    change_request_changed.connect(hear, weak=False)
    yield heard
    change_request_changed.disconnect(hear)


def counts_agree():
    key = ("project_id", "product", "status", "severity", "verdict")
    kept = FindingCount.objects.exclude(count=0).values_list(*key, "count")
    return set(kept) == set(Finding.objects.values_list(*key).annotate(Count("id")))


def test_a_diff_scan_makes_its_change_request_known(
    acme, announced, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        scan = announce_scan(
            branch="refs/pull/7/merge", full=False, change_request="7", meta=META, now=NOW
        )

    row = ChangeRequest.objects.get()
    assert (row.project, row.number, row.state) == (scan.project, 7, "open")
    assert (row.title, row.author, row.head_commit) == ("Add a search", "mel", "a" * 40)
    assert row.url == "https://github.example.com/acme/shop/pull/7"
    assert (row.head_ref, row.base_ref, row.changed_at) == ("", "", None)
    assert announced == [row.id]
    assert change_request_of(scan) == row
    assert list(scans_of(row)) == [scan]


def test_a_merge_request_is_known_by_its_source_branch(acme):
    meta = META | {"scan_environment": "gitlab-ci"}

    announce_scan(branch="search", full=False, change_request="7", meta=meta)

    row = ChangeRequest.objects.get()
    assert row.head_ref == "search"
    assert row.url == "https://github.example.com/acme/shop/-/merge_requests/7"


@pytest.mark.parametrize(
    "number", ["", "007", "0", "-7", "seven", "\u0667", "2147483648", "1" * 40]
)
def test_what_is_no_number_of_a_change_request_makes_none(acme, number):
    scan = announce_scan(branch="refs/pull/7/merge", full=False, change_request=number)

    assert change_request_of(scan) is None
    assert not ChangeRequest.objects.exists()


def test_a_full_scan_with_a_number_is_of_a_branch(acme):
    scan = announce_scan(branch="search", change_request="7")

    assert note_scanned(scan=scan, now=NOW) is None
    assert not ChangeRequest.objects.exists()


def test_what_a_scanner_says_is_cut_and_made_storable(acme):
    meta = {
        "pull_request_title": "\x00" + "t" * 600,
        "pull_request_author_username": ["no", "text"],
        "scan_environment": "github-actions",
        "repo_url": "javascript:alert(1)",
    }

    announce_scan(branch="refs/pull/7/merge", full=False, change_request="7", meta=meta)

    row = ChangeRequest.objects.get()
    assert row.title.startswith("\ufffdttt")
    assert len(row.title) == 500
    assert (row.author, row.url) == ("", "")


def test_what_the_code_host_told_is_not_overwritten_by_a_scan(acme):
    project = ProjectFactory(name="acme/shop")
    note_change_request(project=project, remote=remote(title="New title"), now=NOW)

    announce_scan(branch="refs/pull/7/merge", full=False, change_request="7", meta=META)

    row = ChangeRequest.objects.get()
    assert (row.title, row.head_commit, row.base_ref) == ("New title", "b" * 40, "main")


def test_an_announced_scan_said_twice_is_announced_once(
    acme, announced, django_capture_on_commit_callbacks
):
    said = ScanAnnouncement(
        unique_id="00000000-0000-0000-0000-000000000007",
        project_name="acme/shop",
        branch="refs/pull/7/merge",
        is_full_scan=False,
        change_request="7",
    )

    with django_capture_on_commit_callbacks(execute=True):
        open_scan(announcement=said, served_modes={}, now=NOW)
        open_scan(announcement=said, served_modes={}, now=NOW)

    assert announced == [ChangeRequest.objects.get().id]


def test_an_event_that_changes_nothing_is_not_announced(
    acme, announced, django_capture_on_commit_callbacks
):
    project = ProjectFactory()

    with django_capture_on_commit_callbacks(execute=True):
        note_change_request(project=project, remote=remote(), now=NOW)
        note_change_request(project=project, remote=remote(), now=NOW)
        note_change_request(project=project, remote=remote(minutes=1), now=NOW)

    assert len(announced) == 1


def test_an_older_event_changes_nothing(acme):
    project = ProjectFactory()
    note_change_request(project=project, remote=remote(minutes=2, title="New"), now=NOW)

    row = note_change_request(
        project=project,
        remote=remote(minutes=1, title="Old", state=RemoteState.CLOSED),
        now=NOW,
    )

    assert (row.title, row.state) == ("New", "open")


def test_events_in_any_order_end_alike(acme):
    project = ProjectFactory()
    events = [
        remote(minutes=0),
        remote(minutes=1, head_commit="c" * 40),
        remote(minutes=2, state=RemoteState.CLOSED, head_commit="c" * 40),
        remote(minutes=2, head_commit="c" * 40),
    ]

    for number, order in enumerate(permutations(events), start=1):
        for event in order:
            told = remote(number, state=event.state, updated_at=event.updated_at)
            note_change_request(project=project, remote=told, now=NOW)

    assert set(ChangeRequest.objects.values_list("state", flat=True)) == {"closed"}


def test_what_is_merged_stays_merged(acme):
    project = ProjectFactory()
    note_change_request(project=project, remote=remote(state=RemoteState.MERGED), now=NOW)

    row = note_change_request(
        project=project, remote=remote(minutes=5, state=RemoteState.CLOSED), now=NOW
    )

    assert row.state == "merged"


def test_an_author_who_is_named_once_stays_known(acme):
    project = ProjectFactory()
    note_change_request(project=project, remote=remote(), now=NOW)

    note_change_request(project=project, remote=remote(minutes=1, author="", title="T"), now=NOW)

    row = ChangeRequest.objects.get()
    assert (row.author, row.title) == ("mel", "T")


def test_an_address_that_is_none_becomes_no_link(acme):
    row = note_change_request(
        project=ProjectFactory(), remote=remote(url="javascript:alert(1)"), now=NOW
    )

    assert row.url == ""


def test_what_was_only_in_a_closed_change_request_is_removed(acme):
    scan = scan_change(a_match("eval(a)", line=1), a_match("eval(b)", line=2))

    close(scan)

    assert [state for _, _, state in on_ref("refs/pull/7/merge")] == ["removed", "removed"]
    assert set(Finding.objects.values_list("status", flat=True)) == {"removed"}
    assert counts_agree()
    told = Activity.objects.filter(title="Removed").values_list("actor_label", "door", "at")
    assert list(told) == [("Platform", "platform", NOW)] * 2


@pytest.mark.parametrize(("begins_after", "status"), [(0, "removed"), (2, "open")])
def test_what_a_scan_finds_that_ran_while_it_was_closed_is_removed(acme, begins_after, status):
    begun_at = NOW + timedelta(minutes=begins_after)
    scan = announce_scan(branch="refs/pull/7/merge", full=False, change_request="7", now=begun_at)

    close(scan)
    upload(scan, a_report(a_match()))

    assert Finding.objects.get().status == status
    assert counts_agree()


def test_a_decision_survives_the_closing(acme):
    scan = scan_change(a_match())
    Finding.objects.update(triage_state="ignored", triage_reason="no_time")

    close(scan)
    close(scan, state=RemoteState.OPEN, minutes=2)
    assert Finding.objects.get().status == "removed"
    scan_change(a_match())

    assert Finding.objects.get().status == "ignored"
    assert counts_agree()


def test_merging_removes_nothing(acme):
    scan = scan_change(a_match())

    close(scan, state=RemoteState.MERGED)

    assert Finding.objects.get().status == "open"


def test_closing_leaves_what_is_on_the_primary_branch(acme):
    scan_of(a_report(a_match(line=1)))
    scan = scan_change(a_match(line=1), a_match("eval(new)", line=9))

    close(scan)

    assert list(Finding.objects.order_by("start_line").values_list("status", flat=True)) == [
        "open",
        "removed",
    ]
    assert counts_agree()


def test_what_is_in_another_open_change_request_too_stays_open(acme):
    scan_change(a_match(), number=7)
    newer = scan_change(a_match(), number=8)

    close(newer, number=8)

    finding = Finding.objects.get()
    assert (finding.status, finding.ref.name) == ("open", "refs/pull/7/merge")
    assert [state for _, _, state in on_ref("refs/pull/8/merge")] == ["removed"]
    close(newer, number=7)
    assert Finding.objects.get().status == "removed"
    assert counts_agree()


def test_a_branch_that_was_scanned_in_full_lives_on(acme):
    scan_of(a_report(a_match()), branch="main")
    scan_of(a_report(a_match("eval(b)")), branch="search")
    scan = scan_change(a_match("eval(b)"), branch="search")

    close(scan)

    assert [state for _, _, state in on_ref("search")] == ["unresolved"]


def test_a_ref_that_another_open_change_request_shares_lives_on(acme):
    scan = scan_change(a_match(), number=7, branch="search")
    scan_change(a_match(), number=8, branch="search")

    close(scan, number=7)
    assert [state for _, _, state in on_ref("search")] == ["unresolved"]
    close(scan, number=8)

    assert [state for _, _, state in on_ref("search")] == ["removed"]


def test_the_primary_branch_is_never_abandoned(acme):
    project = ProjectFactory(name="acme/shop", primary_branch="main")
    scan = scan_change(a_match(), branch="main")

    note_change_request(project=project, remote=remote(state=RemoteState.CLOSED), now=NOW)

    assert scan.project == project
    assert [state for _, _, state in on_ref("main")] == ["unresolved"]


def test_closing_takes_as_many_queries_for_many_findings_as_for_one(
    acme, django_assert_num_queries
):
    few = scan_change(a_match())
    many = scan_change(*[a_match(f"eval({n})", line=n) for n in range(1, 60)], number=8)

    with django_assert_num_queries(19):
        close(few, number=7)
    with django_assert_num_queries(19):
        close(many, number=8)

    assert not Finding.objects.filter(status="open").exists()


def test_a_closed_change_request_without_a_scan_is_only_noted(acme):
    row = note_change_request(
        project=ProjectFactory(), remote=remote(state=RemoteState.CLOSED), now=NOW
    )

    assert row.state == "closed"
    assert not Ref.objects.exists()


def test_a_strangers_change_request_of_the_same_number_is_another(acme, rival):
    scan = scan_change(a_match())
    with organization_scope(rival.id):
        theirs = ProjectFactory(name="acme/shop")
        note_change_request(project=theirs, remote=remote(state=RemoteState.CLOSED), now=NOW)

    assert change_request_of(scan).state == "open"
    assert Finding.objects.get().status == "open"
