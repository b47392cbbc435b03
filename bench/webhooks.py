"""`python -m bench webhooks`: a burst of events, each delivered twice, against `make serve`.

The whole platform runs: the web server answers while the workers do what the events ask for.
"""

import argparse
import hashlib
import hmac
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant_platform.supervisor import platform, prepare_environment

ROOT = Path(__file__).resolve().parent.parent
GOAL = "goals: p99 <= 100 ms; every event kept once and processed once"
REPEATS = 2
WARM_UP = 40
DEADLINE_SECONDS = 120


def main(arguments: Sequence[str]) -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="make bench ARGS='webhooks …'")
    parser.add_argument("--events", type=int, default=100, help="each is delivered twice")
    parser.add_argument(
        "--senders", type=int, nargs="+", default=(4, 8, 16), help="deliveries under way at once"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    wanted = parser.parse_args(arguments)
    directory = Path(tempfile.mkdtemp(prefix="assistant-bench-"))
    port = _free_port()
    os.environ.pop("PUBLIC_URL", None)
    environment = prepare_environment(data_directory=directory, port=port, is_demo=False)
    try:
        with platform(data_directory=directory, port=port, environment=environment):
            warm = _rows(environment, "prepare")
            _burst(warm, events=WARM_UP, senders=max(wanted.senders))
            results = [_measure(environment, wanted.events, count) for count in wanted.senders]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(json.dumps(results) if wanted.json else _table(results, wanted.events))


def _measure(environment: dict[str, str], events: int, senders: int) -> dict[str, Any]:
    place = _rows(environment, "prepare")
    began = time.perf_counter()
    answers = _burst(place, events=events, senders=senders)
    answered_seconds = time.perf_counter() - began
    counts = _wait_until_done(environment, place, events)
    milliseconds = sorted(1000 * seconds for _status, seconds in answers)
    statuses = [status for status, _seconds in answers]
    return {
        "senders": senders,
        "p50_ms": statistics.median(milliseconds),
        "p99_ms": milliseconds[min(len(milliseconds) - 1, round(0.99 * len(milliseconds)))],
        "worst_ms": milliseconds[-1],
        "answers_a_second": len(answers) / answered_seconds,
        "stored": statuses.count(202),
        "known": statuses.count(200),
        "refused": len(statuses) - statuses.count(202) - statuses.count(200),
        **counts,
    }


def _burst(place: dict[str, Any], *, events: int, senders: int) -> list[tuple[int, float]]:
    """Deliver each event twice, one right after the other; return statuses and seconds."""
    bodies = [_event(number) for number in range(events) for _time in range(REPEATS)]
    together = threading.Barrier(senders)

    def start() -> None:
        together.wait()

    with ThreadPoolExecutor(senders, initializer=start) as pool:
        return list(pool.map(lambda body: _deliver(place, body), bodies))


def _deliver(place: dict[str, Any], body: bytes) -> tuple[int, float]:
    address = urlsplit(place["url"])
    signature = hmac.new(place["secret"].encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "issue_comment",
        "X-GitHub-Delivery": hashlib.sha256(body).hexdigest()[:36],
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    began = time.perf_counter()
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    connection.request("POST", address.path, body, headers)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - began
    connection.close()
    return answer.status, seconds


def _event(number: int) -> bytes:
    """Return a comment in a pull request, of the size that GitHub's have."""
    person = {
        "id": 9,
        "login": "mel",
        "type": "User",
        "avatar_url": "https://x.example/" + "a" * 200,
    }
    return json.dumps(
        {
            "action": "created",
            "issue": {"number": 7, "title": "Show orders", "pull_request": {}, "body": "b" * 4000},
            "comment": {"id": 1000 + number, "body": f"Looks good, {number}.", "user": person},
            "repository": {
                "id": 15,
                "full_name": "acme/shop",
                "html_url": "https://github.com/acme/shop",
                "default_branch": "main",
                "private": True,
                **{f"{name}_url": f"https://api.github.com/{name}" * 4 for name in range(60)},
            },
            "sender": person,
            "installation": {"id": 44},
        }
    ).encode()


def _wait_until_done(
    environment: dict[str, str], place: dict[str, Any], events: int
) -> dict[str, int]:
    began = time.monotonic()
    while True:
        counts: dict[str, int] = _rows(environment, "look", place["organization"])
        is_over = counts["done"] + counts["failed"] >= events
        if is_over or time.monotonic() - began > DEADLINE_SECONDS:
            return counts
        time.sleep(0.2)


def _rows(environment: dict[str, str], act: str, organization: int = 0) -> dict[str, Any]:
    process = subprocess.run(
        [sys.executable, "-m", "bench.webhook_rows", act, "--organization", str(organization)],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        sys.exit(process.stdout + process.stderr)
    result: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return result


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _table(results: Sequence[dict[str, Any]], events: int) -> str:
    lines = [
        f"Webhooks: {events} events, each delivered twice, while the workers process them",
        (
            f"{'senders':>8} {'p50 ms':>7} {'p99 ms':>7} {'worst':>7} {'a second':>9} {'stored':>7}"
            f" {'known':>6} {'refused':>8} {'kept':>5} {'done':>5} {'claims':>7}"
        ),
    ]
    lines += [
        f"{one['senders']:>8} {one['p50_ms']:>7.1f} {one['p99_ms']:>7.1f} {one['worst_ms']:>7.1f}"
        f" {one['answers_a_second']:>9,.0f} {one['stored']:>7} {one['known']:>6}"
        f" {one['refused']:>8} {one['kept']:>5} {one['done']:>5} {one['claims']:>7}"
        for one in results
    ]
    return "\n".join([*lines, GOAL])
