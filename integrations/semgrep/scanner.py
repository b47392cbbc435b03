"""The one place that knows Semgrep's command line; it runs in a sandbox, one process a scan."""

import enum
import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings

from core.errors import InvalidInputError
from integrations.semgrep.refusals import refused_by_system
from integrations.semgrep.reports import RunResult, ScanError, UnreadableReportError, read_report
from integrations.semgrep.sandbox import Finished, Limits, private_folder, run_program

# 1: there are matches; anything above is a failure, which the report should explain.
EXPECTED_EXIT_CODES = (0, 1)
# Should the scanner call home in spite of its options, it meets a closed door at once.
NOWHERE = "http://127.0.0.1:9"
ENVIRONMENT = {
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_URL": NOWHERE,
    "HTTP_PROXY": NOWHERE,
    "HTTPS_PROXY": NOWHERE,
}
OPTIONS = (
    "--json",
    "--quiet",
    "--metrics=off",
    "--disable-version-check",
    "--no-rewrite-rule-ids",
    "--jobs=1",
)


class Way(enum.Enum):
    """Which of the scanner's command lines runs.

    QUICK is the native one, at a tenth of the processor time; it is no stable interface. PLAIN
    is the one that `semgrep ci` goes through, so its word on whether a rule is valid is the last.
    """

    QUICK = enum.auto()
    PLAIN = enum.auto()


OPTIONS_OF_WAY = {Way.QUICK: ("--experimental", "--novcs"), Way.PLAIN: ()}
# Read every file whole, whatever words it lacks, is called or tells the scanner to ignore: "no
# match" then means something, and what does not parse is an error.
THOROUGH_OPTIONS = (
    "--optimizations=none",
    "--disable-nosem",
    "--max-target-bytes=0",
    "--timeout=8",
    "--timeout-threshold=1",
)
# The engine is a program of its own beside the command, which only starts it: called by this
# name it takes the native command line, at half the processor time.
ENGINE = "lib/python3*/site-packages/semgrep/bin/semgrep-core"
ENGINE_NAME = "osemgrep"


def scan(
    *,
    rules: Sequence[Mapping[str, Any]],
    files: Mapping[str, str],
    way: Way,
    limits: Limits,
    is_thorough: bool = False,
) -> RunResult:
    """Run `rules` over `files`, texts by relative path; every file is scanned, whatever its name.

    A thorough scan parses every file, also one that lacks the words of every rule, and heeds no
    comment that suppresses a match. Raises ScannerFailedError, or InvalidInputError for a path
    that leads out of the folder.
    """
    with private_folder() as folder:
        for path, text in files.items():
            _write(folder / "work", path, text)
        (folder / "rules.json").write_text(json.dumps({"rules": [dict(rule) for rule in rules]}))
        program, name = _program(way)
        command = [
            program,
            "scan",
            *OPTIONS_OF_WAY[way],
            *OPTIONS,
            *(THOROUGH_OPTIONS if is_thorough else ()),
            "--config=../rules.json",
            "--",
            *files,
        ]
        finished = run_program(
            command,
            folder=folder,
            environment=ENVIRONMENT,
            limits=limits,
            name=name,
            reads=_homes(),
        )
    try:
        result = read_report(finished.output)
    except UnreadableReportError as error:
        raise refused_by_system(finished) or error from error
    if finished.exit_code in EXPECTED_EXIT_CODES or result.errors:
        return result
    return RunResult(matches=result.matches, errors=(_unexplained(finished),))


def _program(way: Way) -> tuple[str, str]:
    """Return the program to run, and what to call it by."""
    command = Path(settings.SEMGREP_PROGRAM)
    if way is Way.QUICK:
        engine = next(command.parent.parent.glob(ENGINE), None)
        if engine is not None:
            return str(engine), ENGINE_NAME
    return str(command), str(command)


def _homes() -> tuple[Path, ...]:
    """Return where the scanner is installed, and the Python that it runs on."""
    home = Path(settings.SEMGREP_PROGRAM).parent.parent
    return (home, (home / "bin/python").resolve().parent.parent)


def _write(work: Path, path: str, text: str) -> None:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise InvalidInputError(
            f"files: {path!r} is not a path inside a folder; use a relative one without `..`.",
            field="files",
        )
    target = work.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode("utf-8", "surrogateescape"))


def _unexplained(finished: Finished) -> ScanError:
    return ScanError(
        kind="exit code",
        detail=f"The scanner ended with exit code {finished.exit_code} and gave no reason.",
        is_warning=False,
    )
