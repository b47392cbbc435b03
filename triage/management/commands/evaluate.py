"""Measures the judge on labelled findings.

The report, one JSON object with --json:

- n: how many findings were judged.
- true_positives_kept, true_positives_dismissed, false_positives_dismissed, false_positives_kept:
  kept means that the verdict is not `false_positive`, so that people still see the finding.
- needs_review: how many were left to a person. They count as kept above, and here besides.
- precision: kept true positives of all kept. recall: kept true positives of all true positives.
  f1: their harmonic mean. Each is null where nothing is there to divide by.
- expected_calibration_error: the decided verdicts (all but needs_review) fall by their confidence
  into ten bins of equal width; the mean of |share that is right - mean confidence|, weighted by
  the bins' sizes. Null where nothing was decided.
- tokens (in and out), cost_usd (by the prices of the settings), seconds (of the judging).
- by_cwe: the same counts for each CWE; a finding of two CWEs counts for both.
- undecidable: the same counts for the findings marked `undecidable_from_code`, which are judged
  and counted as all others above, too.

A finding for which the model gives no usable answer counts as needs_review; the run goes on, and
standard error says how many they were.
"""

import io
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from llm.providers.base import Provider
from llm.providers.registry import installation_provider
from triage.evaluation import Judged, Spending, report
from triage.judging import Judgment, judge_case, lay_out
from triage.labelled import Labelled, LabelledError, read_labelled
from triage.reports import tables_of

STANDARD_INPUT = "-"
WRONG_INPUT = 2
TABLE_WIDTH = 140


class Command(BaseCommand):
    """Judges with the provider of the settings; needs no database and stores nothing."""

    help = "Measure the judge on labelled findings (JSON Lines), with the provider of the settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="JSON Lines; - reads stdin")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--limit", type=int, metavar="N", help="judge the first N findings")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Judge every finding and print the report."""
        limit = options["limit"]
        if limit is not None and limit < 1:
            raise CommandError("--limit: give a number from 1 on.", returncode=WRONG_INPUT)
        findings = [one for name in options["files"] for one in _read(name)][:limit]
        provider = installation_provider()
        started = time.monotonic()
        judgments = _judge_all(findings, provider=provider)
        spending = Spending(
            tokens=sum(one.tokens for one in judgments),
            cost_usd=sum((one.cost_usd for one in judgments), Spending().cost_usd),
            seconds=time.monotonic() - started,
        )
        told = report(_counted(findings, judgments), spending=spending)
        self._tell_problems(judgments)
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        console = Console(record=True, file=io.StringIO(), width=TABLE_WIDTH)
        for table in tables_of(told, judged_by=provider.model or provider.name):
            console.print(table)
        self.stdout.write(console.export_text())

    def _tell_problems(self, judgments: Sequence[Judgment]) -> None:
        problems = [one.problem for one in judgments if one.problem]
        if problems:
            self.stderr.write(
                f"{len(problems)} of {len(judgments)} findings got no usable answer and count as"
                f" needs_review; the first one: {problems[0]}"
            )


def _read(name: str) -> list[Labelled]:
    try:
        if name == STANDARD_INPUT:
            return list(read_labelled(sys.stdin.buffer))
        with Path(name).open("rb") as lines:
            return list(read_labelled(lines))
    except OSError as error:
        problem = f"{name}: {error.strerror or error}; give a file of labelled findings."
        raise CommandError(problem, returncode=WRONG_INPUT) from error
    except LabelledError as error:
        raise CommandError(f"{name}, {error}", returncode=WRONG_INPUT) from error


def _judge_all(findings: Sequence[Labelled], *, provider: Provider) -> list[Judgment]:
    """Return the judgments in order, with a progress bar on standard error."""
    progress = track(
        _judgments(findings, provider=provider),
        total=len(findings),
        description="Judging",
        console=Console(file=sys.stderr),
    )
    return list(progress)


def _judgments(findings: Sequence[Labelled], *, provider: Provider) -> Iterator[Judgment]:
    def judge(one: Labelled) -> Judgment:
        return judge_case(lay_out(one.question, notes=one.notes), provider=provider)

    if provider.is_offline:
        yield from map(judge, findings)
        return
    with ThreadPoolExecutor(max_workers=settings.ASSISTANT_CONCURRENCY) as pool:
        yield from pool.map(judge, findings)


def _counted(findings: Sequence[Labelled], judgments: Sequence[Judgment]) -> list[Judged]:
    return [
        Judged(
            label=one.label,
            conclusion=judgment.decision.conclusion,
            confidence=judgment.decision.confidence,
            weaknesses=one.weaknesses,
            is_undecidable=one.is_undecidable,
        )
        for one, judgment in zip(findings, judgments, strict=True)
    ]
