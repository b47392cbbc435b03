"""What a webhook is sent: JSON of a scan and of findings in the shapes that receivers know; pure.

https://semgrep.dev/docs/semgrep-appsec-platform/webhooks. A finding's numbers mean what they mean
there; texts from outside pass `core.redaction`, and long ones are cut.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.redaction import redact
from rules.models import Mode

TEXT_LIMIT = 10_000
_CUT = " […]"
_LONGEST_INDEX_DIGITS = 6
_ACTIONS = {Mode.BLOCK.value: ["block"], Mode.COMMENT.value: ["comment"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRecord:
    """A scan that has ended."""

    scan_id: int
    unique_id: str
    organization_id: int
    project_id: int
    products: tuple[str, ...]
    exit_code: int | None
    meta: Mapping[str, Any]
    stats: Mapping[str, Any]
    started_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """A new finding on the ref of a scan; lines and columns are 1-based, `end_column` exclusive."""

    finding_id: int
    check_id: str
    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    message: str
    severity: int
    metadata: Mapping[str, Any]
    mode: str
    syntactic_id: str
    match_based_id: str
    """Ends in `_<n>`: the n-th of equal matches in its file."""
    ref: str
    project_name: str
    commit_timestamp: str
    commit_url: str
    first_scan_id: int | None
    relevant_since: datetime


def scan_body(record: ScanRecord) -> bytes:
    """Return `{"semgrep_scan": …}`."""
    said = {
        "deployment_id": record.organization_id,
        "enabled_products": list(record.products),
        "exit_code": record.exit_code,
        "hashed_id": hashlib.sha256(record.unique_id.encode()).hexdigest()[:16],
        "id": record.scan_id,
        "meta": _told(record.meta),
        "repository_id": record.project_id,
        "started_at": _iso(record.started_at),
        "completed_at": _iso(record.completed_at) if record.completed_at else None,
        "stats": _told(record.stats),
    }
    return _compact({"semgrep_scan": said})


def findings_body(records: Sequence[FindingRecord]) -> bytes:
    """Return `[{"semgrep_finding": …}, …]`."""
    return _compact([{"semgrep_finding": _finding(record)} for record in records])


def trial_body(*, organization_id: int, name: str, asked_at: datetime) -> bytes:
    """Return `{"semgrep_test": …}`, which tells of no scan."""
    said = {"deployment_id": organization_id, "webhook": name, "asked_at": _iso(asked_at)}
    return _compact({"semgrep_test": said})


def signature(body: bytes, *, secret: str) -> str:
    """Return the hex HMAC-SHA256 of a body under a webhook's secret."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _finding(record: FindingRecord) -> dict[str, Any]:
    metadata = _told(record.metadata)
    return {
        "id": record.syntactic_id or record.match_based_id,
        "numeric_id": record.finding_id,
        "check_id": record.check_id,
        "path": record.path,
        "line": record.start_line,
        "column": record.start_column,
        "end_line": record.end_line,
        "end_column": record.end_column,
        "message": _told(record.message),
        "severity": record.severity,
        # The rule was served without actions, whatever its mode: here the mode is said.
        "metadata": {**metadata, "dev.semgrep.actions": _ACTIONS.get(record.mode, [])},
        "index": _index(record.match_based_id),
        "ref": record.ref if record.ref.startswith("refs/") else f"refs/heads/{record.ref}",
        "repo_name": record.project_name,
        "commit_date": record.commit_timestamp or None,
        "commit_url": _told(record.commit_url) or None,
        "first_seen_scan_id": record.first_scan_id,
        "start_date": _iso(record.relevant_since),
    }


def _index(match_based_id: str) -> int:
    last = match_based_id.rpartition("_")[2]
    is_number = last.isascii() and last.isdecimal() and len(last) <= _LONGEST_INDEX_DIGITS
    return int(last) if is_number else 0


def _told(value: Any) -> Any:
    """Return a JSON value whose texts hold no secret and have a bounded length."""
    if isinstance(value, str):
        # Cut last: of a secret that is cut first, the rest is not known for one.
        text = redact(value)
        return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - len(_CUT)] + _CUT
    if isinstance(value, Mapping):
        return {str(key): _told(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    return value


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _compact(value: Any) -> bytes:
    """Return JSON without blanks: what receivers compute the signature of."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
