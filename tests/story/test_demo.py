"""`make demo`: real scans of the sample shop, judged without calling a weakness safe."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.story.platform import ROOT

pytestmark = [pytest.mark.live, pytest.mark.semgrep]

KEY = ROOT / "demo" / "expected.json"
CHANGE_KEY = ROOT / "demo" / "expected_change.json"
LIST_FINDINGS = """
import json
from findings.models import Finding
from tenants.models import Organization
from tenants.scope import organization_scope
with organization_scope(Organization.objects.get(slug="acme").id):
    rows = Finding.objects.values_list("file__path", "rule__check_id", "start_line", "ref__name",
        "verdict", "verdicts__reason")
    print(json.dumps(sorted(rows)))
"""

LIST_REMEDIES = """
import json
from notifications.models import ReviewComment
from remediation.models import FixAttempt, Guidance
from tenants.models import Organization
from tenants.scope import organization_scope
with organization_scope(Organization.objects.get(slug="acme").id):
    fixes = FixAttempt.objects.values_list("finding__rule__check_id", "finding__verdict",
        "origin", "status", "reason", "checks")
    guided = Guidance.objects.values_list("finding__verdict", "finding", "origin", "instructions")
    comments = ReviewComment.objects.order_by("path", "start_line").values_list(
        "path", "check_id", "state")
    told = {"fixes": list(fixes), "guided": list(guided), "comments": list(comments)}
    print(json.dumps(told))
"""
FIXED_BY_RULES = {
    "assistant.go.html-declared",
    "assistant.go.tls-verification-off",
    "assistant.javascript.cookie-without-flags",
    "assistant.javascript.tls-verification-off",
    "assistant.python.flask-debug-on",
    "assistant.python.tls-verification-off",
    "assistant.python.weak-random",
    "assistant.python.xml-entities-resolved",
    "assistant.python.yaml-load",
}


@dataclass(frozen=True)
class Remedies:
    """Of each fix: rule, verdict, origin, status, reason, checks; of each guidance: verdict,
    finding, origin, text; of each comment: path, rule, state."""

    fixes: list
    guided: list
    comments: list


@pytest.fixture(scope="module")
def ran(tmp_path_factory, offline_platform):
    """The summary of the demo's job, its findings, the lines they stand in, the remedies."""
    platform = offline_platform
    output = tmp_path_factory.mktemp("demo") / "summary.json"
    subprocess.run(
        [sys.executable, "-m", "demo", "--summary", str(output)],
        cwd=ROOT,
        env={**platform.environment, "TERM": "dumb"},
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    rows = json.loads(platform.manage("shell", "-v0", "-c", LIST_FINDINGS).splitlines()[-1])
    shop = platform.data_directory / "shop"
    lines = {
        path: (shop / path).read_text().split("\n")
        for path in {row[0] for row in rows}
        if (shop / path).exists()
    }
    remedies = platform.manage("shell", "-v0", "-c", LIST_REMEDIES).splitlines()[-1]
    summary = json.loads(output.read_text())
    return summary, rows, lines, Remedies(**json.loads(remedies))


@pytest.fixture(scope="module")
def demo(ran):
    """The summary of the demo's job, and its findings: path, rule, line, ref, verdict, reason."""
    return ran[:3]


@pytest.fixture(scope="module")
def remedies(ran):
    return ran[3]


def kinds(rows, lines, key):
    """Return (kind, verdict, where) of each finding on main, by the key."""
    told = {(entry["path"], entry["rule"]): [] for entry in key}
    for entry in key:
        told[entry["path"], entry["rule"]].append(entry)
    found = []
    for path, rule, line, ref, verdict, _reason in rows:
        if ref != "main":
            continue
        text = lines[path][line - 1]
        entry = next(one for one in told[path, rule] if one["line_contains"] in text)
        found.append((entry["kind"], verdict, f"{path}:{line} {rule}"))
    return found


def test_the_summary_counts_what_is_there(demo):
    summary, rows, _lines = demo

    assert summary["findings"] == len(rows)
    assert sum(summary["verdicts"].values()) == len(rows)
    assert set(summary) == {
        "url",
        "findings",
        "verdicts",
        "tags",
        "guidance",
        "fixes",
        "seconds",
    }
    assert summary["url"].endswith("/orgs/acme/findings")


def test_every_finding_has_a_verdict_with_a_reason(demo):
    _summary, rows, _lines = demo

    assert [row for row in rows if not row[4] or not row[5]] == []


def test_no_weakness_is_called_safe_and_look_alikes_are_seen_through(demo):
    _summary, rows, lines = demo
    found = kinds(rows, lines, json.loads(KEY.read_text()))

    weak = [one for one in found if one[0] == "weakness"]
    alike = [one for one in found if one[0] == "look_alike"]
    assert [where for _kind, verdict, where in weak if verdict == "false_positive"] == []
    assert sum(verdict in {"false_positive", "needs_review"} for _k, verdict, _w in alike) >= 8
    assert len(weak) >= 15
    assert len(alike) >= 10


def test_the_change_request_reports_only_what_it_adds(demo):
    _summary, rows, _lines = demo
    added = json.loads(CHANGE_KEY.read_text())["added"]

    found = sorted((path, rule) for path, rule, _line, ref, *_rest in rows if ref != "main")

    assert found == sorted((entry["path"], entry["rule"]) for entry in added)


def test_the_summary_counts_guidance_and_fixes(demo, remedies):
    summary, _rows, _lines = demo

    by_status = Counter(status for _rule, _verdict, _origin, status, *_rest in remedies.fixes)
    assert summary["guidance"] == len({finding for _verdict, finding, *_rest in remedies.guided})
    assert summary["fixes"] == {
        "verified": by_status["proven"],
        "rejected": by_status["refused"],
    }
    assert by_status["proposed"] == 0


def test_every_true_positive_has_guidance_that_says_whose_it_is(demo, remedies):
    summary, _rows, _lines = demo
    guided = [one for one in remedies.guided if one[0] == "true_positive"]

    assert (
        len({finding for _verdict, finding, *_rest in guided})
        == (summary["verdicts"]["true_positive"])
    )
    assert {origin for _verdict, _finding, origin, _text in guided} == {"rule"}
    assert all(text.strip() for *_rest, text in guided)


def test_fixes_of_the_rule_pack_are_proven(remedies):
    proven = [fix for fix in remedies.fixes if fix[3] == "proven"]

    # One of them in the shop and in the change request.
    rules = [*FIXED_BY_RULES, "assistant.python.weak-random"]
    assert sorted(rule for rule, *_rest in proven) == sorted(rules)
    assert {(verdict, origin) for _rule, verdict, origin, *_rest in proven} == {
        ("true_positive", "rule")
    }
    assert [check for *_rest, checks in proven for check in checks if check["ok"] is not True] == []


def test_a_fix_that_leaves_its_place_alone_is_refused(remedies):
    """The loader there is one of the shop's own, which the rule's fix does not touch."""
    others = [(rule, status, reason) for rule, _v, _o, status, reason, _c in remedies.fixes]

    assert [one for one in others if one[1] != "proven"] == [
        ("assistant.python.yaml-load", "refused", "no_change")
    ]


def test_what_the_change_request_adds_is_told_on_our_pages(remedies):
    added = json.loads(CHANGE_KEY.read_text())["added"]

    assert sorted(remedies.comments) == sorted(
        [entry["path"], entry["rule"], "kept_here"] for entry in added
    )
