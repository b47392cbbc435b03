"""Reports of any size, with the shape and weight of real ones."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

RULES = 200
FINDINGS_IN_A_FILE = 8
EVERY_NTH_HAS_A_TRACE = 5


def make_report(size: int) -> bytes:
    """Return a results body of `semgrep ci` with `size` findings, the same at each call."""
    findings = list(_findings(size))
    report = {
        "findings": findings,
        "ignores": [],
        "token": None,
        "searched_paths": sorted({finding["path"] for finding in findings}),
        "skipped_paths": [],
        "renamed_paths": [],
        "rule_ids": [_check_id(number) for number in range(RULES)],
        "contributions": [],
    }
    return json.dumps(report).encode()


def _findings(size: int) -> Iterator[dict[str, Any]]:
    for index in range(size):
        number = index * 7 % RULES
        path = f"services/part_{index // 400}/module_{index // FINDINGS_IN_A_FILE}.py"
        # Every third match has an equal one in its file, told apart by its number alone.
        twin = index % 3 == 2
        key = f"{number} {path} {index - twin}"
        base = hashlib.blake2b(key.encode()).hexdigest()
        yield {
            "check_id": _check_id(number),
            "path": path,
            "line": 10 + 12 * (index % FINDINGS_IN_A_FILE),
            "column": 5,
            "end_line": 11 + 12 * (index % FINDINGS_IN_A_FILE),
            "end_column": 40,
            "message": _message(number),
            "severity": number % 4,
            "index": int(twin),
            "commit_date": "2026-11-22T07:05:16",
            "syntactic_id": hashlib.md5(f"{key} {twin}".encode()).hexdigest(),
            "match_based_id": f"{base}_{int(twin)}",
            "hashes": {
                "start_line_hash": _sha256(f"start {key}"),
                "end_line_hash": _sha256(f"end {key}"),
                "code_hash": _sha256(f"code {key}"),
                "pattern_hash": _sha256(f"pattern {key}"),
            },
            "metadata": _metadata(number),
            "is_blocking": False,
            "validation_state": "NO_VALIDATOR",
            "engine_kind": "OSS",
            **({} if index % EVERY_NTH_HAS_A_TRACE else {"dataflow_trace": _trace(path)}),
        }


def _check_id(number: int) -> str:
    return f"acme.python.security.rule-{number}"


def _message(number: int) -> str:
    return (
        f"User input from the request reaches statement {number} of the database without a check."
        " Use a parameterized query, or check the value against a list of allowed ones."
    )


def _metadata(number: int) -> dict[str, Any]:
    return {
        "category": "security",
        "subcategory": ["vuln"],
        "cwe": [f"CWE-{number}: Improper Neutralization of Special Elements"],
        "owasp": ["A03:2021 - Injection"],
        "confidence": ("LOW", "MEDIUM", "HIGH")[number % 3],
        "likelihood": "HIGH",
        "impact": "HIGH",
        "technology": ["flask"],
        "references": ["https://example.com/injection"],
        "dev.semgrep.actions": [],
    }


def _trace(path: str) -> dict[str, Any]:
    def place(line: int) -> dict[str, Any]:
        return {
            "path": path,
            "start": {"line": line, "col": 5, "offset": 0},
            "end": {"line": line, "col": 20, "offset": 15},
        }

    return {
        "taint_source": ["CliLoc", [place(3), "<code omitted>"]],
        "intermediate_vars": [
            {"location": place(line), "content": "<code omitted>"} for line in (4, 6)
        ],
        "taint_sink": ["CliLoc", [place(10), "<code omitted>"]],
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
