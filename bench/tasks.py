"""`python -m bench tasks`: how long it takes to choose and to show the week's tasks."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant_platform.embedded import running_services

ROOT = Path(__file__).resolve().parent.parent
GOAL = "goals: chosen once a week in <= 2 s over 100,000 findings; shown in <= 20 ms"


def main(arguments: Sequence[str]) -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="make bench ARGS='tasks …'")
    parser.add_argument("--sizes", type=int, nargs="+", default=(1_000, 100_000), help="findings")
    parser.add_argument("--rounds", type=int, default=10, help="runs that each median is of")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    wanted = parser.parse_args(arguments)
    directory = Path(tempfile.mkdtemp(prefix="assistant-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant_platform.settings")
    os.environ["DATA_DIR"] = str(directory)
    try:
        with running_services(directory, durable=True) as services:
            os.environ["DATABASE_URL"] = services.database_url
            os.environ["REDIS_URL"] = services.redis_url
            _run("manage.py", "migrate", "--verbosity", "0")
            results = [_measure(size, wanted.rounds) for size in wanted.sizes]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(json.dumps(results) if wanted.json else _table(results, wanted.rounds))


def _measure(size: int, rounds: int) -> dict[str, Any]:
    print(f"{size:,} findings …", file=sys.stderr)
    output = _run("-m", "bench.task_rows", "--size", str(size), "--rounds", str(rounds))
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def _run(*arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if process.returncode:
        sys.exit(process.stdout + process.stderr)
    return process.stdout


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
