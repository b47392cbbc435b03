"""A stored upload, read whole into values: parsed, its doubles dropped, its missing ids made."""

import contextlib
import gc
import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from findings.models import ReportFormat
from findings.reports.formats import READERS, decode
from findings.reports.values import InvalidReportError, ReportedFinding, ReportFacts

OWN_ID = "own-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of a report; every finding has an id."""

    findings: list[ReportedFinding]
    facts: ReportFacts


def read_report(*, report_format: ReportFormat, body: bytes, size_bytes: int) -> Report:
    """Return the report in a compressed `body` of `size_bytes` when unpacked.

    Raises InvalidReportError, with the JSON path, for a report that is wrong anywhere.
    """
    with _garbage_collector_resting():
        facts = ReportFacts()
        findings: dict[tuple[str | int, ...], ReportedFinding] = {}
        try:
            for item in READERS[report_format](decode(_unpack(body, size_bytes))):
                if isinstance(item, ReportFacts):
                    facts = item
                else:
                    findings.setdefault(_place(item), item)
        except RecursionError as error:
            raise InvalidReportError("The JSON is nested too deep.", field="$") from error
        return Report(findings=_with_own_ids(list(findings.values())), facts=facts)


def is_own_id(match_based_id: str) -> bool:
    """Say whether we made this id, because the report carried none."""
    return match_based_id.startswith(OWN_ID)


@contextlib.contextmanager
def _garbage_collector_resting() -> Iterator[None]:
    # A big report makes millions of objects and no cycles; looking for them doubles the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _unpack(body: bytes, size_bytes: int) -> bytes:
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(body, size_bytes + 1)
    if len(unpacked) != size_bytes:
        raise InvalidReportError("The stored upload has another size than it had.", field="$")
    return unpacked


def _place(finding: ReportedFinding) -> tuple[str | int, ...]:
    return (
        finding.rule.check_id,
        finding.path,
        finding.start_line,
        finding.start_column,
        finding.end_line,
        finding.end_column,
        finding.match_based_id,
    )


def _with_own_ids(findings: list[ReportedFinding]) -> list[ReportedFinding]:
    """Give findings without an id one of rule, path and code, numbered like the scanner's."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, finding in enumerate(findings):
        if not finding.match_based_id:
            groups[_own_base(finding)].append(index)
    for base, indexes in groups.items():
        indexes.sort(key=lambda index: (findings[index].start_line, findings[index].start_column))
        for number, index in enumerate(indexes):
            findings[index] = replace(findings[index], match_based_id=f"{base}_{number}")
    return findings


def _own_base(finding: ReportedFinding) -> str:
    key = f"{finding.rule.check_id}\0{finding.path}\0{finding.code_hash}"
    return OWN_ID + hashlib.sha256(key.encode()).hexdigest()
