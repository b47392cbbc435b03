"""`make bench`: the figures of ingest, as medians and as ratios to bare work in the same run."""

import argparse
import json
import statistics
import sys
from typing import Any

from bench import dashboard, proofs, tasks, webhooks
from bench.own_services import own_services, run

SIZES = (1_000, 10_000, 50_000)
ROUNDS = 3
GOALS = "goals: ratio <= 2, statements <= 100, peak <= 400 MB, disk <= 3,500 bytes a finding"


def main() -> None:
    """Start services of our own, measure, and print a table; a first word names another bench."""
    others = {
        "dashboard": dashboard.main,
        "proofs": proofs.main,
        "tasks": tasks.main,
        "webhooks": webhooks.main,
    }
    if other := others.get("".join(sys.argv[1:2])):
        other(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="make bench ARGS=…")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="findings a report")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs that each median is of")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    wanted = parser.parse_args()
    with own_services():
        results = [_measure(size, wanted.rounds) for size in wanted.sizes]
    print(json.dumps(results) if wanted.json else _table(results, wanted.rounds))


def _measure(size: int, rounds: int) -> dict[str, Any]:
    taken: dict[str, list[dict[str, Any]]] = {}
    for number in range(rounds):
        print(f"{size:,} findings, round {number + 1} of {rounds} …", file=sys.stderr)
        made = _bench("prepare", "--size", size)
        for name, act, upload in (
            ("bare_first", "floor", 0),
            ("first", "ingest", 0),
            ("bare_again", "floor", 1),
            ("again", "ingest", 1),
        ):
            result = _bench(
                act, "--organization", made["organization"], "--upload", made["uploads"][upload]
            )
            taken.setdefault(name, []).append({**result, **_of_upload(made)})
    return {"size": size, **{name: _medians(results) for name, results in taken.items()}}


def _of_upload(made: dict[str, Any]) -> dict[str, Any]:
    return {name: made[name] for name in ("body_megabytes", "store_seconds")}


def _medians(results: list[dict[str, Any]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in results) for name in results[0]}


def _bench(act: str, *arguments: object) -> dict[str, Any]:
    output = run("-m", "bench.ingest", act, *map(str, arguments))
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def _table(results: list[dict[str, Any]], rounds: int) -> str:
    head = (
        f"{'findings':>9} {'':6} {'seconds':>8} {'rows/s':>8} {'bare s':>8} {'ratio':>6}"
        f" {'statements':>10} {'peak MB':>8} {'bytes each':>10} {'upload s':>9}"
    )
    lines = [
        f"Ingest of a report, medians of {rounds}; bare: parse + COPY + upsert of the same rows",
        head,
    ]
    for result in results:
        size = result["size"]
        for name in ("first", "again"):
            ours, bare = result[name], result[f"bare_{name}"]
            lines.append(
                f"{size:>9,} {name:6} {ours['seconds']:>8.2f} {size / ours['seconds']:>8,.0f}"
                f" {bare['seconds']:>8.2f} {ours['seconds'] / bare['seconds']:>6.2f}"
                f" {ours['statements']:>10.0f} {ours['peak_megabytes']:>8.0f}"
                f" {ours['disk_bytes'] / size:>10,.0f} {ours['store_seconds']:>9.2f}"
            )
    return "\n".join([*lines, GOALS])


if __name__ == "__main__":
    main()
