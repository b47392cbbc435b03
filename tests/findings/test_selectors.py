"""Reading findings and scans."""

import pytest
from django.utils import timezone

from core.errors import NotFoundError
from findings.models import ScanKind, State
from findings.selectors import (
    activities_of,
    commit_to_read,
    get_finding,
    instances_of,
    newest_problems,
    newest_scans,
    scan_details,
)
from tenants.scope import organization_scope
from tests.factories import FindingFactory, InstanceFactory, RefFactory, ScanFactory
from tests.findings.uploads import a_match, a_report, announce_scan, scan_of, upload


def test_a_finding_comes_with_what_pages_show(acme, django_assert_num_queries):
    finding = FindingFactory()

    with django_assert_num_queries(1):
        found = get_finding(finding.id)
        assert (found.rule.check_id, found.file.path) == (
            finding.rule.check_id,
            finding.file.path,
        )
        assert (found.project.name, found.ref.name, found.triaged_by) == (
            finding.project.name,
            "main",
            None,
        )


def test_what_belongs_to_another_is_not_found(acme, rival):
    with organization_scope(rival.id):
        theirs = FindingFactory()
        their_scan = ScanFactory()

    with pytest.raises(NotFoundError):
        get_finding(theirs.id)
    with pytest.raises(NotFoundError):
        scan_details(their_scan.id)


def test_the_appearance_that_is_shown_comes_first(acme):
    shown = InstanceFactory()
    other_ref = RefFactory(project=shown.finding.project, name="feature")
    other = InstanceFactory(finding=shown.finding, ref=other_ref)

    assert list(instances_of(shown.finding)) == [shown, other]


def test_the_log_is_newest_first(acme):
    scan_of(a_report(a_match()))
    scan_of(a_report(paths=["app/a.py"], rules=["acme.eval"]))
    scan_of(a_report(a_match()))

    finding = get_finding(announce_scan().project.findings.get().id)
    assert [one.title for one in activities_of(finding)] == ["Found again", "Fixed"]


def test_scans_are_paged_by_key(acme, django_assert_num_queries):
    scans = ScanFactory.create_batch(5)

    with django_assert_num_queries(1):
        first = newest_scans(size=2)
        assert [one.project.name for one in first.scans] == [
            scans[4].project.name,
            scans[3].project.name,
        ]
    second = newest_scans(before=first.next_before, size=2)
    last = newest_scans(before=second.next_before, size=2)

    assert [one.id for one in second.scans] == [scans[2].id, scans[1].id]
    assert [one.id for one in last.scans] == [scans[0].id]
    assert last.next_before is None


def test_a_scan_shows_why_its_upload_was_refused(acme):
    scan = announce_scan()
    upload(scan, b"{")

    (problem,) = scan_details(scan.id).problems
    assert problem.kind == "refused_upload"
    assert newest_problems() == [problem]


def test_code_is_read_at_the_newest_full_scan_that_saw_it(acme):
    instance = InstanceFactory()
    old = instance.last_scan
    newer = ScanFactory(ref=old.ref, commit="b" * 40, ingested_at=timezone.now())
    ScanFactory(ref=old.ref, commit="c" * 40)  # not ingested yet
    ScanFactory(ref=old.ref, commit="d" * 40, kind=ScanKind.DIFF, ingested_at=timezone.now())

    assert commit_to_read(instance) == newer.commit


def test_code_is_read_where_it_was_last_seen_when_a_scan_gave_up_on_the_file(acme):
    instance = InstanceFactory()
    ScanFactory(
        ref=instance.ref,
        commit="b" * 40,
        skipped_paths=[instance.file.path],
        ingested_at=timezone.now(),
    )

    assert commit_to_read(instance) == instance.last_scan.commit


@pytest.mark.parametrize("change", [{"state": State.FIXED}, {"last_scan": None}])
def test_code_that_is_gone_is_read_where_it_was(acme, change):
    instance = InstanceFactory(**change)
    ScanFactory(ref=instance.ref, commit="b" * 40, ingested_at=timezone.now())

    assert commit_to_read(instance) == ("" if "last_scan" in change else "a" * 40)
