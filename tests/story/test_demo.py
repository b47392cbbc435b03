"""`make demo`: real scans of the sample shop, judged without calling a weakness safe."""

import json
import subprocess
import sys

import pytest

from tests.story.platform import ROOT, running_platform

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


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The summary of the demo's job, and its findings: path, rule, line, ref, verdict, reason."""
    with running_platform() as platform:
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
        yield json.loads(output.read_text()), rows, lines


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
