"""What change requests did about their findings, as scans and comments tell it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.change_requests import note_change_request
from findings.guardrails import note_shown_early
from findings.models import BROKEN_OFF, Finding, Scan, ScanStatus
from findings.scans import break_off, report_problem
from integrations.review_hosts import RemoteChangeRequest, RemoteState
from tenants.models import Project
from tests.factories import FindingFactory
from tests.findings.uploads import a_match, a_report, scan_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEPT, LEFT = a_match("eval(kept)", line=1), a_match("eval(left)", line=9)


def scan_change(*matches, number=7, minutes=0):
    return scan_of(
        a_report(*matches, paths=["app/a.py"], rules=["acme.eval"]),
        branch=f"refs/pull/{number}/merge",
        full=False,
        change_request=str(number),
        now=NOON + timedelta(minutes=minutes),
    )


def scan_branch(name, *matches, minutes=0):
    return scan_of(
        a_report(*matches, paths=["app/a.py"], rules=["acme.eval"]),
        branch=name,
        now=NOON + timedelta(minutes=minutes),
    )


def scan_main(*matches, minutes=0):
    return scan_branch("main", *matches, minutes=minutes)


def close(project, *, number, minutes):
    """The change request was closed at its code host, without a merge."""
    at = NOON + timedelta(minutes=minutes)
    remote = RemoteChangeRequest(
        number=number,
        state=RemoteState.CLOSED,
        title="",
        url="",
        author="",
        head_commit="b" * 40,
        head_ref="search",
        base_ref="main",
        is_from_fork=False,
        updated_at=at,
    )
    note_change_request(project=project, remote=remote, now=at)


def gone():
    """The lines of findings that a change request got rid of."""
    return set(Finding.objects.filter(is_gone_early=True).values_list("start_line", flat=True))


def found_early():
    return set(Finding.objects.filter(is_found_early=True).values_list("start_line", flat=True))


def test_what_a_change_request_brings_is_found_early_and_nothing_else(acme):
    scan_main(KEPT)

    scan_change(KEPT, LEFT)
    scan_main(KEPT, LEFT, minutes=1)

    assert found_early() == {9}


def test_what_a_later_scan_of_the_change_request_leaves_out_is_gone(acme):
    scan_change(KEPT, LEFT)
    assert gone() == set()

    scan_change(KEPT, minutes=1)

    assert gone() == {9}


def test_what_is_found_again_is_not_gone(acme):
    scan_change(KEPT, LEFT)
    scan_change(KEPT, minutes=1)

    scan_change(KEPT, LEFT, minutes=2)

    assert gone() == set()


def test_a_scan_without_matches_leaves_all_behind(acme):
    scan_change(KEPT, LEFT)

    scan_change(minutes=1)

    assert gone() == {1, 9}


def test_another_change_request_shows_it_still(acme):
    scan_change(LEFT, number=7)
    scan_change(LEFT, number=8, minutes=1)
    scan_change(number=7, minutes=2)

    assert gone() == set()
    scan_change(number=8, minutes=3)
    assert gone() == {9}


def test_a_finding_that_shows_its_other_change_request_again_is_as_gone_as_there(acme):
    scan_change(LEFT, number=7)
    scan_change(number=7, minutes=1)
    newer = scan_change(LEFT, number=8, minutes=2)
    assert gone() == set()

    close(newer.project, number=8, minutes=60)

    finding = Finding.objects.get()
    assert (finding.ref.name, finding.state) == ("refs/pull/7/merge", "unresolved")
    assert gone() == {9}


@pytest.mark.parametrize("ending", ["reported", "forgotten"])
def test_a_scan_that_broke_off_takes_back_what_it_left_out(acme, ending):
    scan_change(KEPT, LEFT)
    broken = scan_change(KEPT, minutes=1)
    assert gone() == {9}

    if ending == "reported":
        report_problem(
            kind="engine_error",
            unique_id=broken.unique_id,
            scan=broken,
            exit_code=2,
            detail="It ran out of memory.",
            now=NOON,
        )
    else:
        break_off(Scan.objects.filter(pk=broken.pk), status=ScanStatus.NEVER_FINISHED)

    assert gone() == set()
    scan_change(KEPT, minutes=2)
    assert gone() == {9}


LINES = [a_match(f"eval({line})", line=line) for line in (1, 9, 17)]
STEP = st.tuples(
    st.sampled_from(["main", "pr-7", "pr-7", "pr-8", "break", "close-8", "trunk"]),
    st.sets(st.sampled_from(range(len(LINES)))),
)


def play(steps):
    """Scan here and there, each time what is chosen of three matches; break off, close, turn."""
    scan = None
    for minutes, (step, chosen) in enumerate(steps):
        matches = [LINES[index] for index in sorted(chosen)]
        if step == "break" and scan is not None:
            break_off(Scan.objects.filter(pk=scan.pk), status=ScanStatus.NEVER_FINISHED)
        elif step == "close-8" and scan is not None:
            close(scan.project, number=8, minutes=minutes)
        elif step == "trunk":
            Project.objects.update(primary_branch="trunk")
            scan = scan_branch("trunk", *matches, minutes=minutes)
        elif step.startswith("pr-"):
            scan = scan_change(*matches, number=int(step[3:]), minutes=minutes)
        elif step == "main":
            scan = scan_branch("main", *matches, minutes=minutes)


@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=2, max_size=9))
def test_what_is_noted_is_what_scans_and_refs_say(acme, steps):
    with transaction.atomic():
        play(steps)
        for finding in Finding.objects.select_related("ref", "project", "first_scan"):
            newest = (
                Scan.objects.filter(ref=finding.ref, kind="diff", ingested_at__isnull=False)
                .exclude(status__in=BROKEN_OFF)
                .order_by("-pk")
                .first()
            )
            last_scan_id = finding.instances.get(ref=finding.ref).last_scan_id
            assert finding.is_gone_early == (newest is not None and last_scan_id < newest.pk)
            assert finding.is_found_early == (finding.first_scan.kind == "diff")
            assert finding.is_on_primary == (finding.ref.name == finding.project.primary_branch)
        transaction.set_rollback(True)


def test_a_full_scan_of_a_branch_leaves_no_trace_of_guardrails(acme):
    scan_main(KEPT, LEFT)
    scan_main(KEPT, minutes=1)

    assert (found_early(), gone()) == (set(), set())


def test_noting_takes_as_many_queries_for_many_findings_as_for_one(acme, django_assert_num_queries):
    few = [a_match(f"eval({n})", line=n) for n in range(1, 3)]
    many = [a_match(f"eval({n})", line=n) for n in range(1, 60)]
    scan_change(*few, number=7)
    scan_change(*many, number=8)
    ids = list(Finding.objects.values_list("pk", flat=True))

    with django_assert_num_queries(5):  # with its savepoint
        note_shown_early(ids[:1])
    with django_assert_num_queries(5):
        note_shown_early(ids[1:])

    assert not Finding.objects.filter(is_shown_early=False).exists()


def test_what_was_shown_stays_so(acme):
    finding = FindingFactory()

    for _ in range(2):
        note_shown_early([finding.pk])

    finding.refresh_from_db()
    assert finding.is_shown_early
