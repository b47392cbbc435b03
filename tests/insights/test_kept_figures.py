"""Figures that are kept for a moment."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from findings.signals import findings_triaged, scan_ingested
from insights.filters import FindingFilter
from insights.kept_figures import kept_dashboard, kept_rule_figures
from insights.periods import PERIODS, window_of
from insights.rule_figures import RuleFigures
from tenants.scope import organization_scope
from tests.factories import FindingFactory, ProjectFactory, RefFactory, ReportedRuleFactory

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kept(settings):
    settings.FIGURES_KEPT_SECONDS = 60


def opened(*, period="7d", wanted=None):
    window = window_of(PERIODS[period], now=NOW, time_zone="UTC")
    found = kept_dashboard(wanted or FindingFilter(), window=window, now=NOW)
    return sum(part.opened for part in found.parts)


def find():
    project = ProjectFactory(primary_branch="main")
    FindingFactory(project=project, ref=RefFactory(project=project), relevant_since=NOW)


def test_what_announces_nothing_is_shown_later(acme, django_assert_num_queries):
    find()
    assert opened() == 1
    find()

    with django_assert_num_queries(0):
        assert opened() == 1
    assert opened(period="30d") == 2
    assert opened(wanted=FindingFilter(severities=(4,))) == 0


@pytest.mark.parametrize("signal", [scan_ingested, findings_triaged])
def test_what_scans_and_people_bring_is_shown_at_once(acme, signal):
    find()
    assert opened() == 1
    find()

    signal.send(sender=None, scan_id=0, finding_ids=[])

    assert opened() == 2


def test_another_organization_never_sees_them(acme, rival):
    find()
    assert opened() == 1

    with organization_scope(rival.id):
        assert opened() == 0


def test_without_a_cache_they_are_counted(acme, monkeypatch):
    def away(*_arguments, **_options):
        raise ConnectionError

    monkeypatch.setattr(cache, "get", away)
    find()
    assert opened() == 1
    find()
    assert opened() == 2


def test_figures_of_rules_are_kept_one_by_one(acme, rival, django_assert_num_queries):
    rules = [ReportedRuleFactory(check_id=path) for path in ("acme.a", "acme.b")]
    FindingFactory(rule=rules[0])
    FindingFactory(rule=rules[0], state="fixed")
    FindingFactory(rule=rules[0], state="removed")
    one = RuleFigures(open=1, fixed=1, total=2)
    assert kept_rule_figures(["acme.a"]) == {"acme.a": one}
    assert (one.fix_ratio, RuleFigures().fix_ratio) == (0.5, None)
    FindingFactory(rule=rules[0])

    with django_assert_num_queries(1):
        found = kept_rule_figures(["acme.b", "acme.a", "acme.none"])
    with django_assert_num_queries(0):
        assert kept_rule_figures(["acme.b", "acme.a"]) == {"acme.b": RuleFigures(), "acme.a": one}
    assert found == {"acme.b": RuleFigures(), "acme.a": one, "acme.none": RuleFigures()}
    with organization_scope(rival.id):
        assert kept_rule_figures(["acme.a"]) == {"acme.a": RuleFigures()}
    findings_triaged.send(sender=None, finding_ids=[])
    assert kept_rule_figures(["acme.a"])["acme.a"].open == 2
