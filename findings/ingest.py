"""From a stored upload to findings: in one transaction, in sets, safe to run twice."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import DataError, transaction
from django.db.models import F, Q, QuerySet

from core.errors import NotFoundError
from findings.branches import primary_ref_of
from findings.change_requests import note_ingested
from findings.dimensions import store_files, store_rules
from findings.guardrails import note_gone_early
from findings.incoming import Incoming, copy_incoming
from findings.known import Known, KnownInstance
from findings.lifecycle import LIVE, Coverage
from findings.locks import lock_projects
from findings.matching import Matches, match
from findings.models import (
    ProblemKind,
    Product,
    Ref,
    Scan,
    ScanKind,
    State,
    Upload,
    UploadStatus,
)
from findings.open_matches import open_matches
from findings.reading import Report, read_report
from findings.reports.values import InvalidReportError
from findings.scans import report_problem
from findings.secrets import (
    KeptBody,
    body_of_refused,
    body_to_keep,
    keep_body,
    with_texts_of_rules,
)
from findings.signals import scan_ingested
from findings.storing import (
    close_instances,
    ids_of_findings_elsewhere,
    new_finding_ids,
    note_primary,
    settle_findings,
    store_incoming,
)
from tenants.announcements import announce

logger = logging.getLogger(__name__)
ERROR_LIMIT = 1000
MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    reported: int
    new: int
    fixed: int
    ref_ids: frozenset[int] = frozenset()
    """The refs, other than the primary branch's, that findings came to show."""


def ingest_upload(*, upload_id: int, now: datetime) -> None:
    """Turn a stored upload into findings, unless that is done.

    A report that is wrong is refused whole: the upload is kept with the reason, and nothing else
    changes. Raises NotFoundError where there is no such upload.
    """
    upload = Upload.objects.filter(pk=upload_id).select_related("scan__project").first()
    if upload is None:
        raise NotFoundError(f"There is no upload {upload_id} in this organization.")
    if upload.status != UploadStatus.STORED:
        return
    if upload.attempts >= MAX_ATTEMPTS:
        # Each earlier try took its worker along, or the memory of the machine.
        reason = f"It could not be read in {MAX_ATTEMPTS} tries; the server's log says why."
        _refuse(upload, InvalidReportError(reason, field="$"), now)
        return
    Upload.objects.filter(pk=upload.pk).update(attempts=F("attempts") + 1)
    try:
        report = read_report(
            report_format=upload.format, body=bytes(upload.body), size_bytes=upload.size_bytes
        )
        report = with_texts_of_rules(report)
        _store(upload, report, body_to_keep(upload, report), now)
    except InvalidReportError as error:
        _refuse(upload, error, now)
    except DataError:
        # The parsers let through only what fits; this is the wall behind them.
        _refuse(upload, InvalidReportError("A value cannot be stored.", field="$"), now)


@transaction.atomic
def _refuse(upload: Upload, error: InvalidReportError, now: datetime) -> None:
    reason = f"{error.field}: {error.detail}"[:ERROR_LIMIT]
    changed = Upload.objects.filter(pk=upload.pk, status=UploadStatus.STORED).update(
        status=UploadStatus.REFUSED, error=reason, processed_at=now
    )
    if changed:
        keep_body(upload, body_of_refused(upload))
        report_problem(
            kind=ProblemKind.REFUSED_UPLOAD,
            unique_id=upload.scan.unique_id,
            scan=upload.scan,
            exit_code=None,
            detail=reason,
            now=now,
        )
        logger.warning("findings.upload.refused upload=%s", upload.pk)


@transaction.atomic
def _store(upload: Upload, report: Report, kept: KeptBody | None, now: datetime) -> None:
    scan: Scan = upload.scan
    lock_projects([scan.project_id])
    # Another worker may have done it while this one read the report or waited for the lock.
    changed = Upload.objects.filter(pk=upload.pk, status=UploadStatus.STORED).update(
        status=UploadStatus.INGESTED, processed_at=now
    )
    if not changed:
        return
    keep_body(upload, kept)
    newer = set(_newer_scans(scan).values_list("kind", flat=True).distinct())
    if ScanKind.FULL in newer or scan.kind in newer:
        # It arrives late: a newer scan has said how things are.
        counts = _Counts(reported=_open_count(report), new=0, fixed=0)
    else:
        counts = _Ingest(scan=scan, report=report, now=now, is_late=bool(newer)).run()
    Scan.objects.filter(pk=scan.pk).update(
        finding_count=counts.reported,
        new_count=counts.new,
        fixed_count=counts.fixed,
        skipped_paths=sorted(report.facts.skipped_paths),
        open_by_rule=_open_by_rule(scan, report),
        ingested_at=now,
    )
    # Only now is it the newest scan of its ref.
    note_gone_early(counts.ref_ids | ({scan.ref_id} if scan.kind == ScanKind.DIFF else set()))
    note_ingested(scan=scan, now=now)
    announce(scan_ingested, scan_id=scan.pk)
    logger.info("findings.scan.ingested scan=%s findings=%s", scan.pk, counts.reported)


def _newer_scans(scan: Scan) -> QuerySet[Scan]:
    newer: QuerySet[Scan] = Scan.objects.filter(
        Q(started_at__gt=scan.started_at) | Q(started_at=scan.started_at, id__gt=scan.pk),
        ref_id=scan.ref_id,
        ingested_at__isnull=False,
    )
    return newer


def _open_by_rule(scan: Scan, report: Report) -> dict[str, int]:
    """Count the open matches of each rule, in this report and in those of the scan before it."""
    known = Scan.objects.values_list("open_by_rule", flat=True).get(pk=scan.pk)
    matches = open_matches(scan=scan, reported=report.findings)
    return dict(Counter(known or {}) + Counter(matches.values()))


def _open_count(report: Report) -> int:
    return sum(not finding.is_muted for finding in report.findings)


class _Ingest:
    """One report on its way into the tables, under the project's lock."""

    def __init__(self, *, scan: Scan, report: Report, now: datetime, is_late: bool) -> None:
        self.scan, self.report, self.now = scan, report, now
        self.is_late = is_late
        self.is_diff = scan.kind == ScanKind.DIFF or report.facts.is_diff
        self.known = Known(scan)

    def run(self) -> _Counts:
        rule_ids = store_rules(
            scan=self.scan, rules=[one.rule for one in self.report.findings], now=self.now
        )
        file_ids = store_files(scan=self.scan, paths=[one.path for one in self.report.findings])
        instances = self.known.instances()
        matches = match(
            report=self.report, known=self.known, instances=instances, is_diff=self.is_diff
        )
        rows = self._rows(matches, rule_ids, file_ids)
        changed = [row for row in rows if not self._stays(row)]
        copy_incoming(changed)
        primary = primary_ref_of(self.scan.project)
        store_incoming(scan=self.scan, rows=len(changed), primary=primary, now=self.now)
        gone = self._gone(instances, matches)
        close_instances(scan=self.scan, states={row.id: state for row, state in gone.items()})
        ref_ids = self._settle(changed, gone, primary)
        if not self.is_diff:
            note_primary(scan=self.scan, primary=primary)
        return _Counts(
            reported=_open_count(self.report),
            new=sum(row.is_news for row in changed),
            fixed=sum(state == State.FIXED for state in gone.values()),
            ref_ids=frozenset(ref_ids),
        )

    def _rows(
        self, matches: Matches, rule_ids: dict[int, int], file_ids: dict[str, int]
    ) -> list[Incoming]:
        fresh = len(self.report.findings) - len(matches.instances) - len(matches.finding_ids)
        new_ids = iter(new_finding_ids(fresh))
        rows = []
        for key, reported in enumerate(self.report.findings):
            known = matches.instances.get(key)
            finding_id = known.finding_id if known else matches.finding_ids.get(key)
            rows.append(
                Incoming(
                    reported=reported,
                    finding_id=next(new_ids) if finding_id is None else finding_id,
                    rule_id=rule_ids[id(reported.rule)],
                    file_id=file_ids[reported.path],
                    is_new_finding=finding_id is None,
                    known=known,
                )
            )
        return rows

    def _stays(self, row: Incoming) -> bool:
        if self.is_late and row.known is not None and row.known.last_scan_id > self.scan.pk:
            return True
        # A diff scan closes nothing: what it did not report again may have changed, so each row
        # says by which scan it was last seen. After a full scan every open row was.
        return not self.is_diff and row.is_unchanged(self.scan.ref_id)

    def _gone(self, instances: list[KnownInstance], matches: Matches) -> dict[KnownInstance, State]:
        """Return the open instances that a full scan looked for in vain, with their new state."""
        if self.is_diff or self.is_late:
            return {}
        coverage = self._coverage()
        reported = {row.id for row in matches.instances.values()}
        looked_for = LIVE if self.report.facts.tells_muted else {State.UNRESOLVED}
        gone = {}
        for row in instances:
            if row.id not in reported and row.state in looked_for:
                rule = self.known.rules[row.rule_id]
                state = coverage.state_of_gone(
                    check_id=rule.check_id,
                    product=rule.product,
                    path=self.known.paths[row.file_id],
                )
                if state is not None:
                    gone[row] = state
        return gone

    def _coverage(self) -> Coverage:
        facts = self.report.facts
        ran = facts.rule_ids or frozenset()
        products = {*(self.scan.products or [Product.SAST.value])}
        products.update(finding.rule.product for finding in self.report.findings)
        # A secrets rule runs with the open engine even where only `sast` was asked for.
        products.update(rule.product for rule in self.known.rules.values() if rule.check_id in ran)
        return Coverage(
            searched_paths=facts.searched_paths,
            skipped_paths=facts.skipped_paths,
            rule_ids=facts.rule_ids,
            names_all_rules=facts.names_all_rules,
            products=products,
        )

    def _settle(
        self,
        changed: list[Incoming],
        gone: dict[KnownInstance, State],
        primary: Ref | None,
    ) -> set[int]:
        finding_ids = {row.finding_id for row in changed if not row.is_new_finding}
        finding_ids.update(row.finding_id for row in gone)
        if primary is not None and primary.pk == self.scan.ref_id:
            # Another branch may have been the primary one until now.
            finding_ids.update(ids_of_findings_elsewhere(self.scan))
        return settle_findings(
            scan=self.scan, finding_ids=finding_ids, primary=primary, now=self.now
        )
