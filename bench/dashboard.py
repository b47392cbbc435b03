"""`python -m bench dashboard`: how long the Dashboard takes the server, over many findings."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from bench.own_services import own_services, run

GOAL = "goals: p95 <= 200 ms over 100,000 findings; as many queries for 1,000"


def main(arguments: Sequence[str]) -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="make bench ARGS='dashboard …'")
    parser.add_argument("--sizes", type=int, nargs="+", default=(1_000, 100_000), help="findings")
    parser.add_argument("--rounds", type=int, default=40, help="requests of each kind")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    wanted = parser.parse_args(arguments)
    with own_services():
        run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        results = [_measure(size, wanted.rounds) for size in wanted.sizes]
    print(json.dumps(results) if wanted.json else _table(results, wanted.rounds))


def _measure(size: int, rounds: int) -> dict[str, Any]:
    print(f"{size:,} findings …", file=sys.stderr)
    output = run("-m", "bench.dashboard_rows", "--size", str(size), "--rounds", str(rounds))
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def _table(results: list[dict[str, Any]], rounds: int) -> str:
    lines = [
        f"Dashboard in the server, {rounds} requests each, in milliseconds",
        f"{'':>9} {'':34} {'counted':>13} {'kept':>13}",
        f"{'findings':>9} {'address':34}" + f" {'p50':>6} {'p95':>6}" * 2 + f" {'queries':>7}",
    ]
    lines.extend(
        f"{result['size']:>9,} {page['address']:34} {page['p50_ms']:>6.0f}"
        f" {page['p95_ms']:>6.0f} {page['kept_p50_ms']:>6.0f} {page['kept_p95_ms']:>6.0f}"
        f" {page['queries']:>7}"
        for result in results
        for page in result["pages"]
    )
    return "\n".join([*lines, GOAL])
