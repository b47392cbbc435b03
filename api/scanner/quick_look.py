"""A first look at results, cheap enough for the door; the ingest looks at everything."""

from findings.models import ReportFormat, Upload
from findings.reading import read_report
from findings.reports.values import InvalidReportError

# Reading more would hold up the answers to others; the ingest of a larger upload finds out.
LARGEST_READ_BYTES = 2 * 1024 * 1024


def look_at_results(upload: Upload, body: bytes) -> None:
    """Raise InvalidReportError for results that no ingest will take; they are kept all the same."""
    if not (body.lstrip()[:1] == b"{" and body.rstrip()[-1:] == b"}"):
        raise InvalidReportError(
            "$: The results are not a whole JSON object: they were cut off on the way, or are"
            " something else. They are kept; scan again.",
            field="$",
        )
    if upload.size_bytes > LARGEST_READ_BYTES:
        return
    try:
        read_report(
            report_format=ReportFormat(upload.format),
            body=bytes(upload.body),
            size_bytes=upload.size_bytes,
        )
    except InvalidReportError as error:
        raise InvalidReportError(
            f"{error.field}: {error.detail} The upload is kept; scan again with another version"
            " of the scanner.",
            field=error.field,
        ) from error
