"""Proves the patches of a batch file; needs no database."""

import contextlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from remediation.batches import UnreadableLineError, line_of_problem, line_of_proof, read_line
from remediation.candidates import Candidate
from remediation.proof import prove_all
from remediation.scanning import MOST_AT_ONCE


class Command(BaseCommand):
    """Prints one JSON line for each line of the batch, in order."""

    help = (
        "Prove patches. Each line of FILE is a JSON object {id, rules, rule_id, path, original,"
        " patch}: rules in YAML, the patch a unified diff. Each line printed is {id, verdict,"
        " reason, checks}."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--batch", required=True, metavar="FILE", help="`-` is standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, prove and print, some lines at a time."""
        with _opened(options["batch"]) as stream:
            lines = (line for line in stream if line.strip())
            while chunk := list(itertools.islice(lines, MOST_AT_ONCE)):
                for answer in _answers(chunk):
                    self.stdout.write(answer)
                self.stdout.flush()


@contextlib.contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            yield stream
    except OSError as error:
        raise CommandError(f"--batch: {name} cannot be read: {error.strerror}.") from error


def _answers(chunk: list[bytes]) -> list[str]:
    """Return the answers to some lines, in order."""
    read: list[tuple[Any, Candidate] | UnreadableLineError] = []
    for raw in chunk:
        try:
            read.append(read_line(raw.decode("utf-8-sig", "surrogateescape")))
        except UnreadableLineError as problem:
            read.append(problem)
    candidates = [one[1] for one in read if not isinstance(one, UnreadableLineError)]
    proofs = iter(prove_all(candidates))
    return [
        line_of_problem(one)
        if isinstance(one, UnreadableLineError)
        else line_of_proof(one[0], next(proofs))
        for one in read
    ]
