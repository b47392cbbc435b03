"""GET /api/v1/deployments/{slug}/findings: shape, filters, pages."""

from datetime import UTC, datetime, timedelta

import pytest

from findings.models import Confidence, Finding, Severity
from tests.factories import (
    FindingFactory,
    FixAttemptFactory,
    FixRequestFactory,
    GuidanceFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ReviewCommentFactory,
    ScanFactory,
    SourceFileFactory,
)
from triage.models import Origin, Verdict

pytestmark = pytest.mark.django_db
URL = "/api/v1/deployments/acme/findings"
NOON = datetime(2026, 11, 20, 12, 0, 0, 250, tzinfo=UTC)


def a_finding(**fields):
    """Make a finding with its default instance."""
    finding = FindingFactory(**{"relevant_since": NOON, "project": shop(), **fields})
    InstanceFactory(finding=finding, relevant_since=finding.relevant_since)
    return finding


def shop(name="acme/shop"):
    from tenants.models import Project

    return Project.objects.filter(name=name).first() or ProjectFactory(
        name=name, url=f"https://git.example.com/{name}"
    )


def on_another_ref(finding, ref, **fields):
    return InstanceFactory(
        finding=finding, ref=RefFactory(project=finding.project, name=ref), **fields
    )


def rows(api, query="", status=200):
    response = api.get(f"{URL}{query}")
    assert response.status_code == status, response.content
    return response.json()["findings"]


def ids(api, query=""):
    return [row["id"] for row in rows(api, query)]


def a_verdict(finding, **fields):
    values = {
        "conclusion": "false_positive",
        "proposed": "false_positive",
        "confidence_ratio": 0.9,
        "reason": "The value is a constant.",
        "origin": Origin.MODEL,
        "input_hash": "0" * 64,
    }
    verdict = Verdict.objects.create(finding=finding, **values | fields)
    Finding.objects.filter(pk=finding.pk).update(verdict=verdict.conclusion)
    return verdict


def test_a_finding_has_the_shape_that_clients_read(api):
    rule = ReportedRuleFactory(
        check_id="acme.python.sql",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        category="security",
        metadata={
            "category": "security",
            "subcategory": ["vuln"],
            "vulnerability_class": ["SQL Injection"],
            "cwe": "CWE-89: SQL Injection",
            "owasp": ["A03:2021 - Injection"],
            "semgrep.policy": {"id": 4, "name": "Default", "slug": "default"},
        },
    )
    file = SourceFileFactory(
        project=shop(), path="app/db.py", component="user data", component_risk="high"
    )
    finding = a_finding(
        rule=rule,
        file=file,
        confidence=Confidence.MEDIUM,
        match_based_id="ab_0",
        syntactic_id="cd",
        created_at=NOON,
        state_updated_at=NOON,
    )
    instance = finding.instances.get()
    instance.created_at = NOON
    instance.first_scan = instance.last_scan
    instance.save()
    a_verdict(finding, conclusion="needs_review", proposed="true_positive", reason="Older.")
    a_verdict(finding)

    (row,) = rows(api)

    stamp = "2026-11-20T12:00:00.000250Z"
    assert row == {
        "id": finding.id,
        "ref": "refs/heads/main",
        "first_seen_scan_id": instance.first_scan_id,
        "syntactic_id": "cd",
        "match_based_id": "ab_0",
        "review_comments": [],
        "repository": {"name": "acme/shop", "url": "https://git.example.com/acme/shop"},
        "line_of_code_url": "",
        "triage_state": "untriaged",
        "state": "unresolved",
        "status": "open",
        "severity": "high",
        "confidence": "medium",
        "categories": ["security"],
        "created_at": stamp,
        "relevant_since": stamp,
        "state_updated_at": stamp,
        "triaged_at": None,
        "triage_comment": None,
        "triage_reason": None,
        "rule_name": "acme.python.sql",
        "rule_message": "User input reaches an SQL statement.",
        "location": {
            "file_path": "app/db.py",
            "line": 10,
            "column": 5,
            "end_line": 10,
            "end_column": 30,
        },
        "sourcing_policy": {"id": 4, "name": "Default", "slug": "default"},
        "rule": {
            "name": "acme.python.sql",
            "message": "User input reaches an SQL statement.",
            "confidence": "medium",
            "category": "security",
            "subcategories": ["vuln"],
            "vulnerability_classes": ["SQL Injection"],
            "cwe_names": ["CWE-89: SQL Injection"],
            "owasp_names": ["A03:2021 - Injection"],
        },
        "assistant": {
            "autotriage": {"verdict": "false_positive", "reason": "The value is a constant."},
            "component": {"tag": "user data", "risk": "high"},
        },
        "click_to_fix_prs": [],
        "click_to_fix_failures": [],
    }


def test_change_requests_tell_of_comments_and_fixes(api):
    finding = a_finding()
    ReviewCommentFactory(finding=finding, external_id="51", thread_id="50")
    ReviewCommentFactory(finding=finding, external_id="61", thread_id="")
    ReviewCommentFactory(finding=finding, external_id="", state="planned")
    ReviewCommentFactory(finding=finding, external_id="71", state="deleted")
    fix = FixAttemptFactory(finding=finding)
    url = "https://code.example/acme/shop/pull/9"
    FixRequestFactory(fix=fix, state="failed", error="It is locked.", requested_at=NOON)
    FixRequestFactory(fix=fix, state="merged", url=url, requested_at=NOON, opened_at=NOON)
    FixRequestFactory(fix=fix)

    (row,) = rows(api)

    stamp = "2026-11-20T12:00:00.000250Z"
    assert row["review_comments"] == [
        {"external_discussion_id": "50", "external_note_id": "51"},
        {"external_discussion_id": "61", "external_note_id": "61"},
    ]
    assert row["click_to_fix_prs"] == [{"url": url, "created_at": stamp}]
    assert row["click_to_fix_failures"] == [{"error": "It is locked.", "created_at": stamp}]


def test_what_the_assistant_does_not_know_is_absent(api):
    a_finding()

    (row,) = rows(api)

    assert "assistant" not in row
    assert "sourcing_policy" not in row
    assert "external_ticket" not in row


def test_a_rule_without_a_confidence_counts_as_low(api):
    finding = a_finding(confidence=Confidence.UNKNOWN)

    assert rows(api)[0]["confidence"] == "low"
    assert ids(api, "?confidence=low") == [finding.id]
    assert ids(api, "?confidence=high") == []


def test_each_ref_is_a_row_unless_they_are_taken_together(api):
    finding = a_finding()
    on_another_ref(finding, "feature/pay", relevant_since=NOON - timedelta(days=1), state="fixed")
    on_another_ref(finding, "refs/pull/7/merge", relevant_since=NOON - timedelta(days=2))

    apart = rows(api)
    together = rows(api, "?dedup=true")

    assert [(row["ref"], row["status"]) for row in apart] == [
        ("refs/heads/main", "open"),
        ("refs/heads/feature/pay", "fixed"),
        ("refs/pull/7/merge", "open"),
    ]
    assert [(row["id"], row["ref"]) for row in together] == [(finding.id, "refs/heads/main")]


@pytest.mark.parametrize("dedup", ["true", "false"])
@pytest.mark.parametrize("ref", ["feature/pay", "refs/heads/feature/pay"])
def test_a_ref_shows_its_own_rows_and_states(api, ref, dedup):
    finding = a_finding()
    on_another_ref(finding, "feature/pay", state="fixed")
    a_finding()

    (row,) = rows(api, f"?ref={ref}&dedup={dedup}")

    assert (row["id"], row["status"]) == (finding.id, "fixed")
    assert rows(api, f"?ref={ref}&dedup={dedup}&status=open") == []


@pytest.mark.parametrize("dedup", ["true", "false"])
def test_removed_findings_are_never_told(api, dedup):
    a_finding(state="removed")

    assert rows(api, f"?dedup={dedup}") == []


def test_what_is_removed_from_the_primary_branch_is_told_where_it_still_is(api):
    finding = a_finding(state="removed")
    on_another_ref(finding, "feature/pay", state="unresolved")

    assert [row["ref"] for row in rows(api)] == ["refs/heads/feature/pay"]


@pytest.mark.parametrize("dedup", ["true", "false"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abc"),
        ("severities=critical", "a"),
        ("severities=critical,high", "ab"),
        ("severities=critical&severities=high", "ab"),
        ("status=ignored", "b"),
        ("status=open&status=fixing", "ac"),
        ("repos=acme/shop", "ab"),
        ("repos=acme/shop,acme/other", "abc"),
        ("repos=nobody/nothing", ""),
        ("rules=acme.one", "a"),
        ("rules=acme.one,acme.two", "ab"),
        ("since=1763640000", "abc"),
        ("since=1795176000.5", "a"),
        ("autotriage_verdict=true_positive", "c"),
        ("component_tags=payments", "b"),
        ("issue_type=sca", ""),
        ("issue_type=sast", "abc"),
        ("repos=acme/shop&severities=high", "b"),
    ],
)
def test_filters_narrow_the_rows(api, query, expected, dedup):
    a = a_finding(
        rule=ReportedRuleFactory(check_id="acme.one", severity=Severity.CRITICAL),
        relevant_since=datetime.fromtimestamp(1795176001, UTC),
    )
    b = a_finding(
        rule=ReportedRuleFactory(check_id="acme.two", severity=Severity.HIGH),
        file=SourceFileFactory(project=shop(), component="payments", component_risk="high"),
        triage_state="ignored",
        relevant_since=datetime.fromtimestamp(1795176000, UTC),
    )
    c = a_finding(
        project=shop("acme/other"),
        severity=Severity.LOW,
        triage_state="fixing",
        verdict="true_positive",
        relevant_since=datetime.fromtimestamp(1795175999, UTC),
    )

    found = ids(api, f"?{query}&dedup={dedup}")

    names = {a.id: "a", b.id: "b", c.id: "c"}
    assert "".join(names[number] for number in found) == expected


@pytest.mark.parametrize("dedup", ["true", "false"])
def test_pages_count_from_zero_and_the_last_one_is_short(api, dedup):
    made = [a_finding(relevant_since=NOON + timedelta(seconds=n)).id for n in range(5)]

    pages = [ids(api, f"?dedup={dedup}&page_size=2&page={page}") for page in range(4)]

    assert pages == [made[4:2:-1], made[2:0:-1], made[:1], []]


@pytest.mark.parametrize("dedup", ["true", "false"])
def test_findings_of_one_moment_keep_their_order_across_pages(api, dedup):
    made = [a_finding().id for _ in range(5)]

    found = [
        number
        for page in range(5)
        for number in ids(api, f"?dedup={dedup}&page_size=1&page={page}")
    ]

    assert found == made[::-1]


@pytest.mark.parametrize(("dedup", "queries"), [("true", 17), ("false", 17)])
def test_many_rows_take_as_many_queries_as_one(api, dedup, queries, django_assert_num_queries):
    for number in range(12):
        finding = a_finding(project=shop(f"acme/shop-{number}"))
        a_verdict(finding, conclusion="true_positive", proposed="true_positive")
        GuidanceFactory(finding=finding)
        FixRequestFactory(fix=FixAttemptFactory(finding=finding), url="https://code.example/1")
        ReviewCommentFactory(finding=finding)
        on_another_ref(finding, "feature/pay")

    with django_assert_num_queries(queries):
        found = rows(api, f"?dedup={dedup}")

    assert len(found) == (12 if dedup == "true" else 24)


def test_rival_sees_nothing_of_acme(api, rival_api):
    a_finding()

    assert rival_api.get(URL).status_code == 404
    assert rival_api.get("/api/v1/deployments/rival/findings").json() == {"findings": []}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page_size=0", "page_size"),
        ("page_size=3001", "page_size"),
        ("since=yesterday", "since"),
        ("since=nan", "since"),
        ("since=1763640000000", "since"),
        ("dedup=perhaps", "dedup"),
        ("status=removed", "status.0"),
        ("severities=high,severe", "severities.1"),
        ("issue_type=coffee", "issue_type"),
        ("repos=a%00b", "repos.0"),
        ("repository_ids=99999999999999999999", "repository_ids.0"),
        ("policies=1", "policies"),
        ("ref=" + "r" * 401, "ref"),
    ],
)
def test_a_wrong_parameter_is_named(api, query, field):
    response = api.get(f"{URL}?{query}")

    error = response.json()["error"]
    assert (response.status_code, error["field"]) == (400, field)
    assert error["message"].startswith(f"{field}: ")


def test_a_page_far_behind_the_end_is_empty(api):
    a_finding()

    assert rows(api, "?page=1000000000&page_size=3000") == []


def test_the_address_of_the_line_comes_from_the_scan_that_saw_it(api):
    finding = a_finding()
    scan = ScanFactory(ref=finding.ref)
    finding.instances.update(last_scan=scan)

    # Local git has no pages for people; a row without a code host has none either.
    assert rows(api)[0]["line_of_code_url"] == ""


def test_a_verdict_on_code_that_has_changed_since_is_not_told(api):
    finding = FindingFactory()
    InstanceFactory(finding=finding)
    a_verdict(finding)
    Finding.objects.update(verdict="")

    (row,) = rows(api)

    assert "autotriage" not in row.get("assistant", {})


def a_real_one(**fix):
    """Make a true positive with guidance and a fix that was proven."""
    finding = a_finding(start_line=10, end_line=12)
    a_verdict(finding, conclusion="true_positive", proposed="true_positive", reason="")
    GuidanceFactory(finding=finding, summary="Older.")
    GuidanceFactory(finding=finding, summary="Bind it.", instructions="1. Use `?`.")
    edits = [{"search": "a", "replace": "b", "suggestion": "rows = run(sql, [name])\nreturn rows"}]
    values = {"start_line": 10, "end_line": 12, "edits": edits}
    FixAttemptFactory(finding=finding, **values | fix)
    return finding


def test_guidance_and_a_proven_fix_are_told(api):
    a_real_one()

    (row,) = rows(api)

    assert row["assistant"] == {
        "autotriage": {"verdict": "true_positive", "reason": ""},
        "guidance": {"summary": "Bind it.", "instructions": "1. Use `?`."},
        "autofix": {"fix_code": "rows = run(sql, [name])\nreturn rows", "explanation": ""},
    }


@pytest.mark.parametrize(
    "fix",
    [
        {"status": "refused", "reason": "still_fires"},
        {"status": "proposed"},
        {"status": "withdrawn"},
        {"end_line": 13},
        {"path": "app/other.py"},
        {"edits": [{"search": "a", "replace": "b"}]},
    ],
    ids=["refused", "not yet proven", "withdrawn", "other lines", "other file", "several regions"],
)
def test_only_a_proven_fix_of_exactly_these_lines_is_told(api, fix):
    a_real_one(**fix)

    (row,) = rows(api)

    assert "autofix" not in row["assistant"]
    assert row["assistant"]["guidance"]["summary"] == "Bind it."


def test_a_fix_is_not_told_where_the_finding_stands_on_other_lines(api):
    finding = a_real_one()
    on_another_ref(finding, "feature/pay", start_line=20, end_line=22)

    told = {row["ref"]: "autofix" in row["assistant"] for row in rows(api)}

    assert told == {"refs/heads/main": True, "refs/heads/feature/pay": False}
