"""`python -m bench dashboard`: how long the Dashboard takes the server, over many findings."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
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


def _processor_time() -> tuple[int, int]:
    """Return the time that the host gave to others and all time, in ticks since the machine began.

    Source: proc(5), the line `cpu` of /proc/stat; both are 0 where there is none.
    """
    try:
        first = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        return 0, 0
    ticks = [int(word) for word in first.split()[1:9]]
    return ticks[7], sum(ticks)


def _measure(size: int, rounds: int) -> dict[str, Any]:
    print(f"{size:,} findings …", file=sys.stderr)
    stolen, total = _processor_time()
    output = run("-m", "bench.dashboard_rows", "--size", str(size), "--rounds", str(rounds))
    stolen_now, total_now = _processor_time()
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    result["stolen_ratio"] = (stolen_now - stolen) / max(1, total_now - total)
    return result


def _table(results: list[dict[str, Any]], rounds: int) -> str:
    lines = [
        f"Dashboard in the server, {rounds} requests each, in milliseconds",
        f"{'':>9} {'':26} {'counted':>13} {'busy':>13} {'kept':>13}",
        f"{'findings':>9} {'address':26}" + f" {'p50':>6} {'p95':>6}" * 3 + f" {'queries':>7}",
    ]
    lines.extend(
        f"{result['size']:>9,} {page['address']:26} {page['p50_ms']:>6.0f}"
        f" {page['p95_ms']:>6.0f} {page['busy_p50_ms']:>6.0f} {page['busy_p95_ms']:>6.0f}"
        f" {page['kept_p50_ms']:>6.0f} {page['kept_p95_ms']:>6.0f}"
        f" {page['queries']:>7}"
        for result in results
        for page in result["pages"]
    )
    taken = ", ".join(f"{result['stolen_ratio']:.0%}" for result in results)
    lines.append("busy: the processor time of a counted one, in the web server and the database")
    return "\n".join([*lines, f"taken from this machine by its host meanwhile: {taken}", GOAL])
