"""What a webhook is sent, byte for byte."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from notifications.channels.webhook_bodies import (
    TEXT_LIMIT,
    FindingRecord,
    ScanRecord,
    findings_body,
    scan_body,
    signature,
    trial_body,
)

AT = datetime(2026, 11, 23, 8, 0, 1, 5, tzinfo=UTC)
SCAN = ScanRecord(
    scan_id=77,
    unique_id="5b3c",
    organization_id=1,
    project_id=3,
    products=("sast",),
    exit_code=1,
    meta={"branch": "feature", "pull_request_id": "7"},
    stats={"findings": 2, "total_time": 1.5},
    started_at=AT,
    completed_at=AT + timedelta(seconds=9),
)
FINDING = FindingRecord(
    finding_id=12,
    check_id="acme.sql",
    path="app/größe.py",
    start_line=10,
    start_column=5,
    end_line=11,
    end_column=30,
    message="User input reaches an SQL statement.",
    severity=2,
    metadata={"cwe": ["CWE-89"], "semgrep.policy": {"id": 4, "name": "Block", "slug": "block"}},
    mode="block",
    syntactic_id="a" * 32,
    match_based_id="b" * 128 + "_3",
    ref="refs/pull/7/merge",
    project_name="acme/shop",
    commit_timestamp="2026-11-23T07:00:00Z",
    commit_url="https://github.com/acme/shop/commit/abc",
    first_scan_id=77,
    relevant_since=AT,
)


def found(record):
    ((one,),) = [entry.values() for entry in json.loads(findings_body([record]))]
    return one


def test_a_scan_has_the_names_that_receivers_know():
    assert json.loads(scan_body(SCAN)) == {
        "semgrep_scan": {
            "deployment_id": 1,
            "enabled_products": ["sast"],
            "exit_code": 1,
            "hashed_id": hashlib.sha256(b"5b3c").hexdigest()[:16],
            "id": 77,
            "meta": {"branch": "feature", "pull_request_id": "7"},
            "repository_id": 3,
            "started_at": "2026-11-23T08:00:01.000005Z",
            "completed_at": "2026-11-23T08:00:10.000005Z",
            "stats": {"findings": 2, "total_time": 1.5},
        }
    }


def test_a_scan_that_has_not_ended_and_said_no_exit_code_has_nulls():
    body = json.loads(scan_body(replace(SCAN, exit_code=None, completed_at=None)))

    assert body["semgrep_scan"]["exit_code"] is None
    assert body["semgrep_scan"]["completed_at"] is None


def test_a_finding_has_the_names_that_receivers_know():
    assert found(FINDING) == {
        "id": "a" * 32,
        "numeric_id": 12,
        "check_id": "acme.sql",
        "path": "app/größe.py",
        "line": 10,
        "column": 5,
        "end_line": 11,
        "end_column": 30,
        "message": "User input reaches an SQL statement.",
        "severity": 2,
        "metadata": {
            "cwe": ["CWE-89"],
            "semgrep.policy": {"id": 4, "name": "Block", "slug": "block"},
            "dev.semgrep.actions": ["block"],
        },
        "index": 3,
        "ref": "refs/pull/7/merge",
        "repo_name": "acme/shop",
        "commit_date": "2026-11-23T07:00:00Z",
        "commit_url": "https://github.com/acme/shop/commit/abc",
        "first_seen_scan_id": 77,
        "start_date": "2026-11-23T08:00:01.000005Z",
    }


@pytest.mark.parametrize(
    ("mode", "actions"), [("block", ["block"]), ("comment", ["comment"]), ("monitor", [])]
)
def test_the_mode_is_said_as_actions_whatever_the_rule_was_served_with(mode, actions):
    metadata = {"dev.semgrep.actions": ["something"]}

    one = found(replace(FINDING, mode=mode, metadata=metadata))

    assert one["metadata"] == {"dev.semgrep.actions": actions}


@pytest.mark.parametrize(
    ("match_based_id", "index"),
    [("", 0), ("abc", 0), ("abc_0", 0), ("abc_17", 17), ("abc_" + "9" * 40, 0), ("abc_²", 0)],
)
def test_the_index_is_the_number_at_the_end_of_the_id(match_based_id, index):
    assert found(replace(FINDING, match_based_id=match_based_id))["index"] == index


def test_a_branch_is_written_in_full_and_times_are_utc():
    east = AT.astimezone(timezone(timedelta(hours=5)))

    one = found(replace(FINDING, ref="feature/x", relevant_since=east))

    assert one["ref"] == "refs/heads/feature/x"
    assert one["start_date"] == "2026-11-23T08:00:01.000005Z"


def test_what_is_not_known_is_null():
    one = found(replace(FINDING, commit_timestamp="", commit_url="", first_scan_id=None))

    assert (one["commit_date"], one["commit_url"], one["first_seen_scan_id"]) == (None, None, None)


def test_secrets_leave_no_text_and_long_texts_are_cut():
    key = "ghp_" + "a1B2" * 9
    metadata = {"note": [f"See {key}."], "long": "x" * (TEXT_LIMIT + 1)}

    one = found(replace(FINDING, message=f"Uses {key} here.", metadata=metadata))

    assert one["message"] == "Uses [redacted:github-token] here."
    assert one["metadata"]["note"] == ["See [redacted:github-token]."]
    assert len(one["metadata"]["long"]) == TEXT_LIMIT
    assert one["metadata"]["long"].endswith(" […]")
    assert key not in scan_body(replace(SCAN, meta={"commit_title": key})).decode()


def test_the_signature_is_that_of_the_body_serialized_without_blanks():
    body = findings_body([FINDING])
    again = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()

    assert body == again
    expected = hmac.new(b"fifteen-letters", again, hashlib.sha256).hexdigest()
    assert signature(body, secret="fifteen-letters") == expected


def test_a_test_tells_of_no_scan():
    body = trial_body(organization_id=1, name="Tickets", asked_at=AT)

    assert json.loads(body) == {
        "semgrep_test": {
            "deployment_id": 1,
            "webhook": "Tickets",
            "asked_at": "2026-11-23T08:00:01.000005Z",
        }
    }
