"""`python -m bench proofs`: proofs a minute, beside the bare scanner on the same files."""

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from integrations.semgrep.runner import run_rules
from remediation.candidates import Candidate
from remediation.proof import prove_all

GOAL = "goals: 200 proofs a minute one by one; ratio <= 1.5"
SIZES = (1, 10, 50)
FUNCTIONS = 20


def main(arguments: Sequence[str]) -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="make bench ARGS='proofs …'")
    parser.add_argument("--rounds", type=int, default=5, help="runs that each median is of")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    wanted = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant_platform.settings")
    results = [_measure(size, wanted.rounds) for size in SIZES]
    print(json.dumps(results) if wanted.json else _table(results, wanted.rounds))


def _measure(size: int, rounds: int) -> dict[str, Any]:
    rules = _rules()
    texts = [(_text(number), _text(number, "int")) for number in range(size)]
    candidates = [
        Candidate(
            key=str(number), path="app/views.py", original=before, patched=after, rules=rules,
            rule_id="eval",
        )
        for number, (before, after) in enumerate(texts)
    ]  # fmt: skip
    files = {
        f"{n}{side}.py": text for n, pair in enumerate(texts) for side, text in enumerate(pair)
    }

    def prove() -> None:
        assert all(proof.is_proven for proof in prove_all(candidates))

    def scan() -> None:
        assert run_rules(rules=rules, files=files).matches

    ours = [_timed(prove) for _round in range(rounds)]
    bare = [_timed(scan) for _round in range(rounds)]
    seconds, cpu = (statistics.median(column) for column in zip(*ours, strict=True))
    bare_seconds, bare_cpu = (statistics.median(column) for column in zip(*bare, strict=True))
    return {
        "at_once": size,
        "proofs_a_minute": 60 * size / seconds,
        "proofs_a_core_minute": 60 * size / cpu,
        "ratio": seconds / bare_seconds,
        "cpu_ratio": cpu / bare_cpu,
    }


def _timed(act: Callable[[], None]) -> tuple[float, float]:
    """Return seconds by the clock, and of the processor, children included."""
    began, used = time.perf_counter(), _processor_seconds()
    act()
    return time.perf_counter() - began, _processor_seconds() - used


def _processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _rules() -> list[dict[str, Any]]:
    patterns = {"eval": "eval(...)", "system": "os.system(...)", "load": "yaml.load(...)"}
    return [
        {"id": name, "languages": ["python"], "severity": "HIGH", "message": name, "pattern": text}
        for name, text in patterns.items()
    ]


def _text(number: int, call: str = "eval") -> str:
    functions = [
        f"def part_{n}(text, folder):\n    path = os.path.join(folder, text)\n"
        f"    if path.startswith('/'):\n        return {n}\n    return path\n"
        for n in range(FUNCTIONS)
    ]
    last = f"def last_{number}(text):\n    return {call}(text)\n"
    return "\n\n".join(["import os\n", *functions, last])


def _table(results: Sequence[dict[str, Any]], rounds: int) -> str:
    lines = [
        f"Proofs of a fix, medians of {rounds}; bare: the same rules over the same files, no proof",
        f"{'at once':>8} {'a minute':>9} {'a core minute':>14} {'ratio':>6} {'CPU ratio':>10}",
    ]
    lines += [
        f"{one['at_once']:>8} {one['proofs_a_minute']:>9,.0f} {one['proofs_a_core_minute']:>14,.0f}"
        f" {one['ratio']:>6.2f} {one['cpu_ratio']:>10.2f}"
        for one in results
    ]
    return "\n".join([*lines, GOAL])
