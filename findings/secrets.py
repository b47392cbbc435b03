"""What is kept of reports that tell of secrets: never a secret's value.

The findings get messages without it, and once a report was read, its stored body gives way to a
copy without it. Until then, for seconds, it lies there as it came: whether it tells of secrets is
known only when it is read. docs/decisions/0015 says why.
"""

import zlib
from dataclasses import dataclass, replace

from core.errors import ProblemError
from findings.models import Product, ReportFormat, Upload
from findings.reading import Report
from findings.reports.formats import decode
from findings.reports.scrubbing import LONGEST_UNREADABLE, scrub, scrub_unreadable
from findings.reports.values import ReportedFinding
from rules.models import Rule

COMPRESSION_LEVEL = 6
# A refused report that is larger is not read again: reading it may be what broke.
LARGEST_REFUSED_BYTES = 20_000_000
MESSAGE_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBody:
    """A body in an upload's place, compressed, and its size when unpacked."""

    body: bytes
    size_bytes: int


def with_texts_of_rules(report: Report) -> Report:
    """Give secrets the message of their rule, where it is one of ours: it quotes no value.

    What a report says of other rules' secrets was masked when it was read, too much rather than
    too little.
    """
    check_ids = {one.rule.check_id for one in report.findings if _is_secret(one)}
    if not check_ids:
        return report
    rules = Rule.objects.filter(path__in=check_ids).values_list("path", "definition")
    texts = {path: str(definition.get("message", "")).strip() for path, definition in rules}
    findings = [
        replace(one, message=texts[one.rule.check_id][:MESSAGE_LIMIT])
        if _is_secret(one) and texts.get(one.rule.check_id)
        else one
        for one in report.findings
    ]
    return replace(report, findings=findings)


def body_to_keep(upload: Upload, report: Report) -> KeptBody | None:
    """Return what is to take the place of a body that was read; None: it may stay as it is."""
    if not any(_is_secret(one) for one in report.findings):
        return None
    return _scrubbed(zlib.decompress(bytes(upload.body)), upload)


def body_of_refused(upload: Upload) -> KeptBody | None:
    """Return what is to take the place of a refused body; None: it may stay as it is.

    What cannot be read is kept in part, without what looks like a secret.
    """
    if upload.size_bytes <= LARGEST_REFUSED_BYTES:
        body = zlib.decompress(bytes(upload.body))
        try:
            return _scrubbed(body, upload)
        except (ValueError, RecursionError):
            pass
    else:
        body = zlib.decompressobj().decompress(bytes(upload.body), LONGEST_UNREADABLE)
    text = body.decode("utf-8", "replace")
    kept = scrub_unreadable(text)
    return None if kept == text else _packed(kept)


def keep_body(upload: Upload, kept: KeptBody | None) -> None:
    """Put what is kept in the place of an upload's body."""
    if kept is not None:
        Upload.objects.filter(pk=upload.pk).update(body=kept.body, size_bytes=kept.size_bytes)


def _scrubbed(body: bytes, upload: Upload) -> KeptBody | None:
    try:
        text = scrub(decode(body), ReportFormat(upload.format))
    except ProblemError as error:
        raise ValueError(error.detail) from error
    return None if text is None else _packed(text)


def _packed(text: str) -> KeptBody:
    body = text.encode("utf-8", "replace")
    return KeptBody(body=zlib.compress(body, COMPRESSION_LEVEL), size_bytes=len(body))


def _is_secret(finding: ReportedFinding) -> bool:
    return finding.rule.product == Product.SECRETS
