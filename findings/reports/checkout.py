"""Adds to a report the hashes of matched code, read from a work tree of the scanned commit.

What somebody not logged in gets from the scanner holds neither ids nor code; with the hashes its
findings are recognized where they have moved. Only hashes are added, no code.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from findings.models import ReportFormat
from findings.reports.code_hash import hash_code
from findings.reports.fields import Fields
from findings.reports.sarif import place_of
from findings.reports.semgrep_json import CODE_HASH
from findings.reports.values import InvalidReportError

LARGEST_FILE_BYTES = 5_000_000

ReadLines = Callable[[str, int, int], str]


def add_code_hashes(*, text: str, report_format: ReportFormat, read_lines: ReadLines) -> str:
    """Return the report with a hash on each match that lacks one; other formats as they are.

    `read_lines(path, first, last)` gives lines of a file, 1-based and inclusive, or nothing.
    """
    if report_format == ReportFormat.SEMGREP_CI:
        return text
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidReportError(f"This is not JSON: {error}.", field="$") from error
    add = _add_to_json if report_format == ReportFormat.SEMGREP_JSON else _add_to_sarif
    add(document, read_lines)
    return json.dumps(document)


def lines_in(directory: Path) -> ReadLines:
    """Return a reader of lines of the files in a directory; what is outside it is not read."""
    root = directory.resolve()
    files: dict[str, list[str]] = {}

    def read_lines(path: str, first: int, last: int) -> str:
        if path not in files:
            files[path] = _read_file(root, path)
        return "\n".join(files[path][first - 1 : last])

    return read_lines


def _read_file(root: Path, path: str) -> list[str]:
    try:
        file = (root / path).resolve()
        is_readable = file.is_relative_to(root) and file.is_file()
        if not is_readable or file.stat().st_size > LARGEST_FILE_BYTES:
            return []
        return file.read_text("utf-8", "replace").split("\n")
    except (OSError, ValueError):
        return []


def _add_to_json(document: Any, read_lines: ReadLines) -> None:
    for index, result in enumerate(_list(document, "results")):
        fields = Fields(result, f"$.results[{index}]")
        start, end = fields.object("start"), fields.object("end")
        lines = read_lines(fields.file_path("path"), start.position("line"), end.position("line"))
        _put(result, "extra", hash_code(lines))


def _add_to_sarif(document: Any, read_lines: ReadLines) -> None:
    for run in _list(document, "runs"):
        for index, result in enumerate(_list(run, "results")):
            path, region = place_of(Fields(result, f"$.runs[].results[{index}]"))
            start = region.position("startLine", 1)
            lines = read_lines(path, start, region.position("endLine", start))
            _put(result, "fingerprints", hash_code(lines))


def _put(result: Any, key: str, code_hash: str) -> None:
    if code_hash:
        result[key] = {**(result.get(key) or {}), CODE_HASH: code_hash}


def _list(document: Any, key: str) -> Iterator[Any]:
    """Yield the items of a list; what is wrong with it, the parser will say."""
    items = document.get(key) if isinstance(document, dict) else None
    yield from items if isinstance(items, list) else ()
