"""From an upload to findings: refused whole, taken once, in few statements, one at a time."""

import json
import threading
import zlib
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import NotFoundError
from findings.ingest import MAX_ATTEMPTS, ingest_upload
from findings.models import (
    Activity,
    Finding,
    Instance,
    ProblemKind,
    ReportedRule,
    ReportFormat,
    Scan,
    ScanProblem,
    SourceFile,
    Upload,
    UploadStatus,
)
from findings.scans import UploadTooLargeError, store_upload
from findings.signals import scan_ingested, upload_stored
from tenants.scope import organization_scope
from tests.factories import OrganizationFactory
from tests.findings.uploads import (
    a_match,
    a_report,
    announce_scan,
    output,
    recorded,
    scan_of,
    upload,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROWS = (Finding, Instance, ReportedRule, SourceFile, Activity)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"\x1f\x8b\xff", "$: The byte 2 is not UTF-8"),
        (json.dumps(recorded("github-full")).encode()[:-5000], "it was cut off on its way"),
        (b"[]", "$: "),
        (json.dumps(a_report(a_match(), a_match(line=0.5))).encode(), "$.findings[1].line: "),
        (json.dumps(a_report(a_match(path="../x"))).encode(), "$.findings[0].path: "),
    ],
)
def test_a_wrong_upload_is_kept_with_the_reason_and_changes_nothing(acme, body, error):
    scan = announce_scan()

    kept = upload(scan, body)

    assert (kept.status, zlib.decompress(kept.body)) == ("refused", body)
    assert error in kept.error
    assert [model.objects.count() for model in ROWS] == [0] * len(ROWS)
    assert ScanProblem.objects.get().detail == kept.error
    scan.refresh_from_db()
    assert scan.ingested_at is None


def test_a_refused_upload_leaves_what_was_there(acme):
    scan_of(recorded("github-full"))
    before = [list(model.objects.order_by("id").values()) for model in ROWS]

    upload(announce_scan(), a_report(a_match(), a_match(path="/etc/passwd")))

    assert [list(model.objects.order_by("id").values()) for model in ROWS] == before


def test_a_body_is_kept_once_and_ingested_once(
    acme, django_capture_on_commit_callbacks, monkeypatch
):
    heard = []
    for signal in (upload_stored, scan_ingested):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    upload_stored.connect(lambda **said: heard.append(("stored", said["upload_id"])), weak=False)
    scan_ingested.connect(lambda **said: heard.append(("ingested", said["scan_id"])), weak=False)
    scan = announce_scan()
    body = json.dumps(recorded("github-full")).encode()

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            stored = store_upload(
                scan=scan, report_format=ReportFormat.SEMGREP_CI, body=body, now=NOW
            )
            ingest_upload(upload_id=stored.id, now=NOW)

    assert Upload.objects.get().status == "ingested"
    assert heard == [("stored", stored.id), ("ingested", scan.id)]


def test_an_upload_beyond_the_limit_is_refused(acme, settings):
    settings.UPLOAD_LIMIT_BYTES = 10

    with pytest.raises(UploadTooLargeError, match="UPLOAD_LIMIT_MEGABYTES"):
        upload(announce_scan(), b"x" * 11)

    assert not Upload.objects.exists()


def test_another_organization_cannot_ingest_it(acme, rival):
    stored = store_upload(
        scan=announce_scan(), report_format=ReportFormat.SEMGREP_CI, body=b"{}", now=NOW
    )

    with organization_scope(rival.id), pytest.raises(NotFoundError):
        ingest_upload(upload_id=stored.id, now=NOW)

    assert Upload.objects.get().status == "stored"


def _many(count, shift=0):
    return a_report(
        *(
            a_match(f"eval({n})", path=f"app/f{n // 10}.py", line=n % 10 * 5 + 1 + shift)
            for n in range(count)
        )
    )


def test_the_number_of_statements_does_not_depend_on_the_number_of_findings(acme):
    scan_of(_many(2), project="acme/warm-up")
    counts = {}
    for size in (2, 300):
        for name, report in (
            ("first", _many(size)),
            ("moved", _many(size, shift=3)),
            ("fixed", {**_many(size), "findings": []}),
        ):
            scan = announce_scan(project=f"acme/{size}")
            body = json.dumps(report).encode()
            stored = store_upload(
                scan=scan, report_format=ReportFormat.SEMGREP_CI, body=body, now=NOW
            )
            with CaptureQueriesContext(connection) as queries:
                ingest_upload(upload_id=stored.id, now=NOW)
            counts[size, name] = len(queries)

    for name in ("first", "moved", "fixed"):
        assert counts[300, name] == counts[2, name]
        assert counts[300, name] <= 35
    assert Finding.objects.filter(state="fixed").count() == 302


def test_no_source_text_reaches_the_trace(acme):
    scan_of(recorded("github-full"))

    (trace,) = Instance.objects.exclude(trace=None).values_list("trace", flat=True)
    assert {frozenset(place) for place in trace} == {
        frozenset({"role", "path", "line", "column", "end_line", "end_column"})
    }


def test_texts_with_every_escape_arrive_as_they_were(acme):
    message = "back\\slash\ttab\nline\rreturn \\N \\. “quotes” \u2028 😀"

    scan_of(a_report({**a_match(path="a\\b\tc d.py"), "message": message}))

    assert Finding.objects.get().message == message
    assert SourceFile.objects.get().path == "a\\b\tc d.py"


def test_a_match_that_is_listed_twice_is_one_finding(acme):
    scan_of(a_report(a_match(), a_match()))

    assert Finding.objects.count() == 1


def test_other_formats_of_one_scan_bring_nothing_new_and_take_no_ids_away(acme):
    scan_of(recorded("github-full"))
    before = dict(Finding.objects.values_list("id", "match_based_id"))
    traces = Instance.objects.exclude(trace=None).count()

    files = {
        "ci.json": ReportFormat.SEMGREP_JSON,
        "ci.sarif.json": ReportFormat.SARIF,
        "scan.anonymous.sarif.json": ReportFormat.SARIF,
        "scan.anonymous.json": ReportFormat.SEMGREP_JSON,
    }
    for name, report_format in files.items():
        assert scan_of(output(name), report_format=report_format).new_count == 0

    assert {key: Finding.objects.get(id=key).match_based_id for key in before} == before
    assert Instance.objects.exclude(trace=None).count() == traces


def test_formats_without_ids_get_ids_of_our_own_that_stay(acme):
    report = output("scan.anonymous.sarif.json")
    scan_of(report, report_format=ReportFormat.SARIF)
    ids = set(Finding.objects.values_list("match_based_id", flat=True))

    again = scan_of(report, report_format=ReportFormat.SARIF)

    assert again.new_count == 0
    assert len(ids) == 10
    assert all(one.startswith("own-") for one in ids)
    assert set(Finding.objects.values_list("match_based_id", flat=True)) == ids


@pytest.mark.django_db(transaction=True)
def test_two_scans_of_one_project_at_the_same_moment_wait_for_each_other():
    organization = OrganizationFactory(slug="acme")
    with organization_scope(organization.id):
        stored = []
        for branch in ("main", "feature"):
            scan = announce_scan(branch=branch)
            body = json.dumps(recorded("github-full")).encode()
            stored.append(
                store_upload(scan=scan, report_format=ReportFormat.SEMGREP_CI, body=body, now=NOW)
            )
    start, failures = threading.Barrier(4), []

    def take(upload_id):
        try:
            with organization_scope(organization.id):
                start.wait()
                ingest_upload(upload_id=upload_id, now=NOW)
        except Exception as error:  # noqa: BLE001 a thread cannot fail the test by itself
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(one.id,)) for one in stored for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with organization_scope(organization.id):
        assert Finding.objects.count() == 10
        assert Instance.objects.count() == 20
        assert sorted(Scan.objects.values_list("new_count", flat=True)) == [0, 9]


def test_an_upload_that_takes_its_worker_along_each_time_is_refused_in_the_end(acme):
    body = json.dumps(a_report(a_match())).encode()
    stored = store_upload(
        scan=announce_scan(), report_format=ReportFormat.SEMGREP_CI, body=body, now=NOW
    )
    Upload.objects.filter(pk=stored.pk).update(attempts=MAX_ATTEMPTS)

    ingest_upload(upload_id=stored.pk, now=NOW)

    stored.refresh_from_db()
    assert (stored.status, Finding.objects.exists()) == (UploadStatus.REFUSED, False)
    assert "could not be read in 8 tries" in stored.error
    assert ScanProblem.objects.get().kind == ProblemKind.REFUSED_UPLOAD


def test_each_try_is_counted(acme):
    stored = upload(announce_scan(), a_report(a_match()))

    assert (stored.status, stored.attempts) == (UploadStatus.INGESTED, 1)
