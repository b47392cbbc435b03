"""Acme as a visitor would find it: projects, scans, findings in every state, and their code."""

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from findings.models import (
    Activity,
    ActivityKind,
    ComponentRisk,
    Conclusion,
    Confidence,
    Finding,
    ProblemKind,
    ScanKind,
    ScanProblem,
    ScanStatus,
    Severity,
    State,
    TriageReason,
    TriageState,
)
from memories.models import Memory, MemoryStage
from remediation.models import RemedyOrigin
from tests.factories import (
    FindingFactory,
    FixAttemptFactory,
    GuidanceFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    RepositoryLinkFactory,
    ScanFactory,
    SourceFileFactory,
    VerdictFactory,
)
from triage.models import Origin

ORDERS = '''\
"""Orders of the shop."""

import sqlite3

from flask import Blueprint, request

orders = Blueprint("orders", __name__)
SORTABLE = {"date": "created_at", "total": "total_cents"}


@orders.get("/orders")
def list_orders():
    """List the customer's orders, sorted as she likes."""
    customer = request.args["customer"]
    column = SORTABLE.get(request.args.get("sort"), "created_at")
    connection = sqlite3.connect("shop.db")
    rows = connection.execute(
        f"SELECT id, total_cents FROM orders WHERE customer = '{customer}'"  # not bound
    )
    newest = connection.execute(f"SELECT id FROM orders ORDER BY {column} DESC LIMIT 1")
    return {"orders": rows.fetchall(), "newest": newest.fetchone()}
'''

RULES = {
    "sql": ("python.sql-injection", Severity.CRITICAL, Confidence.HIGH, "CWE-89: SQL Injection"),
    "shell": ("python.shell-injection", Severity.HIGH, Confidence.MEDIUM, "CWE-78: Injection"),
    "hash": ("python.weak-password-hash", Severity.MEDIUM, Confidence.HIGH, "CWE-916: Weak Hash"),
    "xss": ("javascript.unescaped-html", Severity.HIGH, Confidence.LOW, "CWE-79: XSS"),
    "debug": ("python.debug-mode-in-production", Severity.LOW, Confidence.MEDIUM, "CWE-489: Debug"),
}


def build_scene(folder: Path) -> dict[str, Finding]:
    """Fill the organization in scope; return the findings that tests speak of, by name."""
    now = timezone.now()
    commit = _repository(folder)
    shop = ProjectFactory(name="acme/shop")
    RepositoryLinkFactory(project=shop, location=str(folder))
    site = ProjectFactory(name="acme/website")
    main, other = RefFactory(project=shop), RefFactory(project=site)
    scan = ScanFactory(
        ref=main, commit=commit, status=ScanStatus.COMPLETED, finding_count=9, new_count=9,
        cli_version="1.182.0", exit_code=0, started_at=now - timedelta(hours=4),
        completed_at=now - timedelta(hours=4) + timedelta(seconds=83),
        served_modes={"python.sql-injection": "block"},
    )  # fmt: skip
    ScanFactory(
        ref=RefFactory(project=shop, name="refs/pull/7/merge"), kind=ScanKind.DIFF, commit=commit,
        change_request="7", status=ScanStatus.COMPLETED, is_blocking=True, exit_code=1, new_count=1,
        finding_count=1, completed_at=now + timedelta(seconds=12), started_at=now,
    )  # fmt: skip
    broken = ScanFactory(ref=other, status=ScanStatus.ERROR, started_at=now - timedelta(days=2))
    ScanProblem.objects.create(kind=ProblemKind.ENGINE_BINARY, detail="")
    ScanProblem.objects.create(
        scan=broken, kind=ProblemKind.ENGINE_ERROR, exit_code=2, detail="Fatal: no memory left"
    )
    rules = {name: _rule(*values) for name, values in RULES.items()}
    orders = SourceFileFactory(
        project=shop, path="app/orders.py", component="payments", component_risk=ComponentRisk.HIGH
    )
    tests = SourceFileFactory(
        project=shop,
        path="tests/test_reports.py",
        component="tests",
        component_risk=ComponentRisk.LOW,
    )
    login = SourceFileFactory(
        project=shop, path="app/very/deep/folder/of/modules/login_handlers.py"
    )

    def finding(rule, file, line, hours, **fields):
        found = FindingFactory(
            project=file.project, rule=rules[rule], file=file, severity=rules[rule].severity,
            confidence=rules[rule].confidence, start_line=line, end_line=line, start_column=5,
            end_column=86, relevant_since=now - timedelta(hours=hours), first_scan=scan,
            message="User input reaches an **SQL statement** as text. Bind it as a parameter of"
            " `execute` instead.", **fields,
        )  # fmt: skip
        state = fields.get("state", State.UNRESOLVED)
        trace = [
            {"role": "source", "path": "app/orders.py", "line": 14, "column": 16},
            {"role": "sink", "path": "app/orders.py", "line": 18, "column": 9},
        ]
        InstanceFactory(finding=found, last_scan=scan, state=state, trace=trace)
        Activity.objects.create(
            finding=found,
            kind=ActivityKind.STATUS,
            at=found.relevant_since,
            title="Found by a scan",
        )
        return found

    made = {
        "real": finding("sql", orders, 18, 4),
        "safe": finding("sql", orders, 20, 3),
        "doubt": finding("hash", login, 30, 30),
        "new": finding("xss", SourceFileFactory(project=site, path="src/Comment.jsx"), 12, 2),
        "ignored": finding(
            "debug", tests, 4, 90, triage_state=TriageState.IGNORED,
            triage_reason=TriageReason.ACCEPTABLE_RISK, triaged_at=now,
        ),
        "fixed": finding("shell", orders, 60, 400, state=State.FIXED),
        "fixing": finding("shell", login, 71, 12, triage_state=TriageState.FIXING),
        "long": finding("debug", tests, 9, 24 * 45),
    }  # fmt: skip
    _judge(made)
    _remedy(made, commit)
    return made


def _judge(made):
    VerdictFactory(
        finding=made["real"], conclusion=Conclusion.TRUE_POSITIVE, confidence_ratio=0.94,
        origin=Origin.MODEL, reason="The query parameter `customer` stands in the statement as it"
        " came. Nothing between the two lines checks or binds it.",
        quotes=[{"text": 'customer = request.args["customer"]', "line": 14, "is_supported": True}],
    )  # fmt: skip
    VerdictFactory(
        finding=made["safe"], conclusion=Conclusion.FALSE_POSITIVE, confidence_ratio=0.88,
        reason="The column is looked up in a fixed table and falls back to a constant, so no text"
        " of the user reaches the statement.",
        quotes=[
            {"text": 'column = SORTABLE.get(request.args.get("sort"), "created_at")', "line": 15,
             "is_supported": True, "problem": ""},
            {"text": "# the column is always safe", "line": None, "is_supported": False,
             "problem": "A comment proves nothing."},
        ],
        left_out=["The module `shop.db` was not shown."], signals=["lookup_in_constant_table"],
    )  # fmt: skip
    VerdictFactory(
        finding=made["doubt"], conclusion=Conclusion.NEEDS_REVIEW, confidence_ratio=0.4,
        proposed=Conclusion.FALSE_POSITIVE, downgrade_reason="No quote was found in the code.",
        reason="The hash may be for a cache key. The function that calls it was not shown.",
    )  # fmt: skip
    VerdictFactory(
        finding=made["long"],
        conclusion=Conclusion.FALSE_POSITIVE,
        reason="The file is a test.",
        origin=Origin.REUSED,
    )


def _remedy(made, commit):
    memory = Memory.objects.create(
        text="Bind values with named parameters; our reviewers read them faster.",
        contexts=["guidance"], stage=MemoryStage.LIVE, source="customized_fix", door="page",
        project=made["real"].project, check_id="python.sql-injection", author_label="Ada",
    )  # fmt: skip
    guidance = GuidanceFactory(
        finding=made["real"], commit=commit, memory_ids=[memory.id],
        summary="Bind `customer` as a parameter of `execute`.",
        instructions="1. Put a named placeholder where the value stands:\n\n   ```python\n"
        "   connection.execute(sql, {\"customer\": customer})\n   ```\n2. Pass the value beside"
        " the statement.\n3. Cover it with a test that sends a quote.",
        unknown_names=["sqlsafe"], left_out=["The module `shop.db` was not shown."],
    )  # fmt: skip
    lines = ORDERS.split("\n")
    common = {
        "finding": made["real"], "guidance": guidance, "commit": commit, "path": "app/orders.py",
        "content_hash": hashlib.sha256(ORDERS.encode()).hexdigest(), "start_line": 18,
        "end_line": 18, "memory_ids": [memory.id],
    }  # fmt: skip
    edit = {
        "search": "\n".join(lines[16:19]),
        "replace": "    rows = connection.execute(\n"
        '        "SELECT id, total_cents FROM orders WHERE customer = :customer",\n'
        '        {"customer": customer},\n    )',
        "start_line": 17,
        "end_line": 19,
    }
    FixAttemptFactory(
        **common, edits=[edit], status="refused", reason="still_fires",
        checks=[{"name": "The rule no longer matches", "ok": False, "detail": "Line 18."}],
    )  # fmt: skip
    FixAttemptFactory(
        **common, round=2, edits=[edit],
        checks=[
            {"name": "The edits apply", "ok": True, "detail": ""},
            {"name": "The file parses", "ok": True, "detail": ""},
            {"name": "The rule no longer matches", "ok": True, "detail": ""},
            {"name": "Tests", "ok": None, "detail": "No test was found for this file."},
        ],
    )  # fmt: skip
    GuidanceFactory(
        finding=made["doubt"], origin=RemedyOrigin.RULE, summary="Use a slow hash for passwords.",
        instructions="User input reaches an **SQL statement** as text. Bind it as a parameter.",
    )  # fmt: skip


def _rule(check_id, severity, confidence, weakness):
    return ReportedRuleFactory(
        check_id=check_id, severity=severity, confidence=confidence,
        metadata={
            "cwe": [weakness], "owasp": "A03:2021 - Injection",
            "references": ["https://owasp.org/Top10/", "javascript:alert(1)"],
        },
    )  # fmt: skip


def _repository(folder):
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "orders.py").write_text(ORDERS)
    run = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-C", str(folder)]
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Shop"]):
        subprocess.run([*run, *arguments], check=True, capture_output=True)
    done = subprocess.run([*run, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return done.stdout.strip()
