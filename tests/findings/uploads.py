"""Reports for tests: recorded ones, made ones, and the short way from a report to findings."""

import hashlib
import json
import uuid
from pathlib import Path

from django.utils import timezone

from findings.ingest import ingest_upload
from findings.models import Instance, ReportFormat, Upload
from findings.scans import ScanAnnouncement, open_scan, store_upload

PAYLOADS = Path(__file__).resolve().parent.parent / "payloads" / "semgrep"


def recorded(folder):
    """The results body of a recorded run."""
    (path,) = (PAYLOADS / folder).glob("*-results.json")
    return json.loads(path.read_text())["request"]["body"]


def identity_case(name):
    return json.loads((PAYLOADS / "identity" / f"{name}.json").read_text())


def output(name):
    return json.loads((PAYLOADS / "outputs" / name).read_text())


def a_match(
    code="eval(x)",
    *,
    rule="acme.eval",
    path="app/a.py",
    line=1,
    number=0,
    pattern="eval($X)",
    severity=2,
    metadata=None,
    **changes,
):
    """A finding as `semgrep ci` reports it; its ids follow from rule, path, pattern and code."""
    bound = code if "$X" in pattern else pattern
    base = _hash(f"{bound} {path} {rule}")
    return {
        "check_id": rule,
        "path": path,
        "line": line,
        "column": 1,
        "end_line": line,
        "end_column": 8,
        "message": f"{rule} found",
        "severity": severity,
        "index": number,
        "syntactic_id": _hash(f"{rule} {path} {code} {number}")[:32],
        "match_based_id": f"{base}{base}_{number}",
        "hashes": {"code_hash": _hash(code), "pattern_hash": _hash(bound)},
        "metadata": {"category": "security"} if metadata is None else metadata,
        "is_blocking": False,
        **changes,
    }


def a_report(*findings, ignores=(), paths=None, rules=None, **changes):
    """A results body; it searched the files and ran the rules of its findings, if not told."""
    everything = [*findings, *ignores]
    return {
        "findings": list(findings),
        "ignores": list(ignores),
        "token": None,
        "searched_paths": sorted({one["path"] for one in everything}) if paths is None else paths,
        "skipped_paths": [],
        "renamed_paths": [],
        "rule_ids": sorted({one["check_id"] for one in everything}) if rules is None else rules,
        "contributions": [],
        **changes,
    }


def announce_scan(
    *,
    branch="main",
    full=True,
    project="acme/shop",
    products=("sast",),
    now=None,
    change_request="",
    meta=None,
):
    """An open scan."""
    announcement = ScanAnnouncement(
        unique_id=uuid.uuid4(),
        project_name=project,
        branch=branch,
        commit="a" * 40,
        is_full_scan=full,
        products=products,
        change_request=change_request,
        meta=meta or {},
    )
    return open_scan(announcement=announcement, served_modes={}, now=now or timezone.now())


def upload(scan, report, report_format=ReportFormat.SEMGREP_CI, now=None):
    """Store and ingest a report; return the upload as it is afterwards."""
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    now = now or timezone.now()
    stored = store_upload(scan=scan, report_format=report_format, body=body, now=now)
    ingest_upload(upload_id=stored.id, now=now)
    return Upload.objects.get(id=stored.id)


def scan_of(report, *, report_format=ReportFormat.SEMGREP_CI, now=None, **announced):
    """Announce a scan and ingest its report; return the scan as it is afterwards."""
    scan = announce_scan(now=now, **announced)
    stored = upload(scan, report, report_format, now)
    assert stored.error == ""
    scan.refresh_from_db()
    return scan


def on_ref(name="main"):
    """The instances of a ref by line, for a glance: (line, finding's id, state)."""
    return list(
        Instance.objects.filter(ref__name=name)
        .order_by("start_line", "id")
        .values_list("start_line", "finding_id", "state")
    )


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()
