"""Whatever dies during ingest and analysis, the end is the same as if nothing had."""

import contextlib
import itertools
import json
import os
import signal
import time
import urllib.request
import uuid
from pathlib import Path

import pytest
import redis

from assistant_platform.embedded import EmbeddedPostgres, addresses
from tests.story.platform import Checkout, running_platform

pytestmark = pytest.mark.live

FILES = 12
PER_FILE = 10
HASHES = ("start_line_hash", "end_line_hash", "code_hash", "pattern_hash")
LINE = "result_{n} = eval(request.args['formula_{n}'])\n"


@pytest.fixture(scope="module")
def platform():
    with running_platform(
        SWEEP_INTERVAL_SECONDS="1",
        SWEEP_PATIENCE_SECONDS="1",
        MESSAGE_LOST_AFTER_SECONDS="3",
        CLAIM_LAPSES_AFTER_SECONDS="3",
    ) as platform:
        yield platform


@pytest.fixture
def checkout(tmp_path):
    text = "from flask import request\n\n" + "".join(LINE.format(n=n) for n in range(PER_FILE))
    return Checkout.create(tmp_path, {f"app/part_{n}.py": text for n in range(FILES)})


def a_report():
    findings = [
        {
            "check_id": "story.python.eval",
            "path": f"app/part_{file}.py",
            "line": line + 3,
            "column": 12,
            "end_line": line + 3,
            "end_column": 45,
            "message": "eval runs text as code",
            "severity": 2,
            "index": 0,
            "commit_date": "2026-11-22T10:00:00",
            "syntactic_id": f"{file:016x}{line:016x}",
            "match_based_id": f"{file:064x}{line:064x}_0",
            "hashes": dict.fromkeys(
                ("start_line_hash", "end_line_hash", "code_hash", "pattern_hash"),
                f"{file:032x}{line:032x}",
            ),
            "metadata": {"category": "security", "confidence": "HIGH", "cwe": ["CWE-95: Eval"]},
            "is_blocking": False,
        }
        for file, line in itertools.product(range(FILES), range(PER_FILE))
    ]
    return {
        "findings": findings,
        "ignores": [],
        "token": None,
        "searched_paths": [f"app/part_{n}.py" for n in range(FILES)],
        "renamed_paths": [],
        "skipped_paths": [],
        "rule_ids": ["story.python.eval"],
        "contributions": [],
    }


def post(platform, token, path, body):
    request = urllib.request.Request(
        platform.url + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def upload(platform, tenant, checkout):
    announcement = {
        "project_metadata": {
            "scan_environment": "git",
            "repository": "acme/shop",
            "branch": "main",
            "commit": checkout.git("rev-parse", "HEAD"),
            "on": "unknown",
            "is_full_scan": True,
        },
        "scan_metadata": {
            "cli_version": "1.182.0",
            "unique_id": str(uuid.uuid4()),
            "requested_products": ["sast"],
            "dry_run": False,
        },
        "project_config": {"version": "v1"},
    }
    scan = post(platform, tenant.ci_token, "/api/cli/v2/scans", announcement)["info"]["id"]
    post(platform, tenant.ci_token, f"/api/agent/scans/{scan}/results", a_report())


def workers_of(platform):
    """Process ids of the platform's workers, their pools included."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
            is_worker = b"celery" in command and b"beat" not in command
            if is_worker and str(platform.data_directory).encode() in environment:
                found.append(int(folder.name))
    return found


def kill_workers(platform):
    for process in workers_of(platform):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def flush_broker(platform):
    socket = addresses(platform.data_directory).redis_socket
    redis.Redis(unix_socket_path=str(socket)).flushall()


def restart_database(platform):
    server = EmbeddedPostgres(platform.data_directory)
    server.stop()
    server.start()


def outcome(platform, tenant):
    return sorted(
        (
            row["location"]["file_path"],
            row["location"]["line"],
            row["status"],
            row["assistant"]["autotriage"]["verdict"],
        )
        for row in platform.findings(tenant)
    )


def is_complete(platform, tenant):
    with contextlib.suppress(OSError):  # the database may be restarting
        rows = platform.findings(tenant)
        return len(rows) == FILES * PER_FILE and platform.are_all_judged(tenant)
    return False


def connect(platform, tenant, checkout):
    platform.manage_apart(
        *["connect_local", "--organization", tenant.slug, "--project", "acme/shop"],
        *["--path", str(checkout.path)],
    )


def test_killed_workers_a_flushed_broker_and_a_restarted_database_lose_nothing(platform, checkout):
    calm, stormy = platform.create_tenant("calm"), platform.create_tenant("stormy")
    for tenant in (calm, stormy):
        connect(platform, tenant, checkout)
    upload(platform, calm, checkout)
    platform.wait_for(lambda: is_complete(platform, calm), what="verdicts in the calm")

    kill_workers(platform)
    upload(platform, stormy, checkout)
    flush_broker(platform)
    for disturb in (kill_workers, flush_broker, restart_database, kill_workers, flush_broker):
        time.sleep(2.5)  # long enough for the workers to come back and to be in the middle
        disturb(platform)
    platform.wait_for(
        lambda: is_complete(platform, stormy), what="verdicts after the storm", seconds=120
    )

    assert outcome(platform, stormy) == outcome(platform, calm)
