"""`python -m bench tasks`: how long it takes to choose and to show the week's tasks."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from bench.own_services import own_services, run

GOAL = "goals: chosen once a week in <= 2 s over 100,000 findings; shown in <= 20 ms"


def main(arguments: Sequence[str]) -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="make bench ARGS='tasks …'")
    parser.add_argument("--sizes", type=int, nargs="+", default=(1_000, 100_000), help="findings")
    parser.add_argument("--rounds", type=int, default=10, help="runs that each median is of")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    wanted = parser.parse_args(arguments)
    with own_services():
        results = [_measure(size, wanted.rounds) for size in wanted.sizes]
    print(json.dumps(results) if wanted.json else _table(results, wanted.rounds))


def _measure(size: int, rounds: int) -> dict[str, Any]:
    print(f"{size:,} findings …", file=sys.stderr)
    output = run("-m", "bench.task_rows", "--size", str(size), "--rounds", str(rounds))
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def _table(results: list[dict[str, Any]], rounds: int) -> str:
    lines = [
        f"The week's tasks, medians of {rounds}, in milliseconds",
        f"{'findings':>9} {'ranked':>8} {'chosen':>8} {'shown':>8} {'bundled':>8}",
    ]
    lines.extend(
        f"{one['size']:>9,} {one['ranked_ms']:>8.0f} {one['chosen_ms']:>8.0f}"
        f" {one['shown_ms']:>8.1f} {one['bundled']:>8,}"
        for one in results
    )
    return "\n".join([*lines, GOAL])
