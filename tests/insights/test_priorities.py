"""The ranking of what is most worth doing."""

from datetime import UTC, datetime, timedelta

import pytest

from findings.models import ComponentRisk, Conclusion, Confidence, Product, Severity, State
from insights.priorities import ranked_bundles
from tenants.scope import organization_scope
from tests.factories import (
    FindingFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    SourceFileFactory,
)

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


@pytest.fixture
def shop(acme):
    return ProjectFactory(name="acme/shop")


def a_finding(project, *, path="app/db/a.py", check_id="acme.sql", risk="", **fields):
    """An undecided finding of high severity and confidence that has just appeared."""
    metadata = fields.pop("metadata", {})
    product = fields.get("product", Product.SAST)
    severity = fields.pop("severity", Severity.HIGH)
    rule = ReportedRuleFactory(
        check_id=check_id, severity=severity, product=product, metadata=metadata
    )
    file = project.files.filter(path=path).first() or SourceFileFactory(
        project=project, path=path, component_risk=risk, component="payments" if risk else ""
    )
    fields = {"confidence": Confidence.HIGH, "relevant_since": NOW, **fields}
    return FindingFactory(project=project, rule=rule, file=file, **fields)


def ranked(limit=10):
    return ranked_bundles(now=NOW, limit=limit)


def scores():
    return [round(bundle.score, 3) for bundle in ranked()]


def test_findings_of_one_rule_in_one_folder_are_one_bundle(shop):
    a_finding(shop, path="app/db/a.py", severity=Severity.CRITICAL)
    a_finding(shop, path="app/db/b.py", verdict=Conclusion.TRUE_POSITIVE)
    a_finding(shop, path="app/db/b.py", relevant_since=NOW - timedelta(days=9))
    a_finding(shop, path="app/web/c.py")
    a_finding(shop, path="d.py")
    a_finding(shop, path="app/db/a.py", check_id="acme.other", severity=Severity.MEDIUM)

    found = {(one.remedy, one.folder): one for one in ranked()}

    assert set(found) == {
        ("acme.sql", "app/db"),
        ("acme.sql", "app/web"),
        ("acme.sql", ""),
        ("acme.other", "app/db"),
    }
    bundle = found["acme.sql", "app/db"]
    assert (bundle.findings, bundle.files, bundle.criticals, bundle.highs, bundle.real) == (
        3,
        2,
        1,
        2,
        1,
    )
    assert bundle.oldest == NOW - timedelta(days=9)
    assert (bundle.project_name, bundle.sample_path) == ("acme/shop", "app/db/a.py")


def test_a_dependency_bundle_is_one_upgrade_whatever_the_rules(shop):
    for check_id in ("cve-1", "cve-2"):
        a_finding(
            shop,
            path="web/package-lock.json",
            check_id=check_id,
            product=Product.SCA,
            metadata={"assistant.package": "lodash"},
        )
    a_finding(shop, path="web/package-lock.json", check_id="cve-3", product=Product.SCA)

    found = {one.remedy: one.findings for one in ranked()}

    assert found == {"lodash": 2, "cve-3": 1}


@pytest.mark.parametrize(
    ("fields", "score"),
    [
        ({"severity": Severity.CRITICAL}, 10.0),
        ({"severity": Severity.HIGH}, 6.0),
        ({"severity": Severity.MEDIUM}, 2.0),
        ({"confidence": Confidence.MEDIUM}, 4.8),
        ({"confidence": Confidence.UNKNOWN}, 3.6),
        ({"confidence": Confidence.LOW}, 2.4),
        ({"verdict": Conclusion.TRUE_POSITIVE}, 9.0),
        ({"verdict": Conclusion.NEEDS_REVIEW}, 6.0),
        ({"risk": ComponentRisk.HIGH}, 9.0),
        ({"risk": ComponentRisk.LOW}, 2.4),
        ({"risk": ComponentRisk.NEUTRAL}, 6.0),
        ({"relevant_since": NOW - timedelta(days=45)}, 7.5),
        ({"relevant_since": NOW - timedelta(days=400)}, 9.0),
        ({"relevant_since": NOW + timedelta(days=1)}, 6.0),
    ],
)
def test_each_factor_counts_as_documented(shop, fields, score):
    a_finding(shop, **fields)

    assert scores() == [score]


@pytest.mark.parametrize(
    ("product", "score"),
    [(Product.SAST, 12 / 1.3), (Product.SCA, 12.0), (Product.SECRETS, 12 / 2.5)],
)
def test_many_count_by_their_root_and_cost_effort_by_product(shop, product, score):
    for _ in range(4):
        a_finding(shop, product=product)

    assert scores() == [round(score, 3)]


def test_a_weaker_finding_never_makes_an_upgrade_less_urgent(shop):
    a_finding(shop, product=Product.SCA, severity=Severity.CRITICAL)
    before = scores()
    a_finding(shop, product=Product.SCA, severity=Severity.MEDIUM, confidence=Confidence.LOW)

    assert scores() > before


@pytest.mark.parametrize(
    "fields",
    [
        {"severity": Severity.LOW},
        {"verdict": Conclusion.FALSE_POSITIVE},
        {"state": State.FIXED},
        {"state": State.MUTED},
        {"triage_state": "ignored"},
        {"triage_state": "provisionally_ignored"},
    ],
)
def test_what_asks_for_nothing_is_not_recommended(shop, fields):
    a_finding(shop, **fields)

    assert ranked() == []


def test_only_primary_branches_of_projects_in_use_count(shop):
    a_finding(shop, ref=RefFactory(project=shop, name="feature"))
    a_finding(ProjectFactory(is_archived=True))

    assert ranked() == []


def test_the_worst_come_first_and_equals_in_a_fixed_order(shop):
    a_finding(shop, path="b/x.py")
    a_finding(shop, path="a/x.py")
    a_finding(shop, path="c/x.py", severity=Severity.CRITICAL)

    assert [one.folder for one in ranked()] == ["c", "a", "b"]
    assert [one.folder for one in ranked(limit=2)] == ["c", "a"]


def test_another_organizations_findings_do_not_count(shop, rival):
    with organization_scope(rival.id):
        a_finding(ProjectFactory())

    assert ranked() == []


def test_the_ranking_is_one_query(shop, django_assert_num_queries):
    for number in range(20):
        a_finding(shop, path=f"app/{number}/x.py")

    with django_assert_num_queries(1):
        assert len(ranked(limit=3)) == 3
