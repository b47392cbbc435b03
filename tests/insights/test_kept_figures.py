"""Figures that are kept for a moment."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from findings.signals import findings_triaged, scan_ingested
from insights.filters import FindingFilter
from insights.kept_figures import kept_dashboard
from insights.periods import PERIODS, window_of
from tenants.scope import organization_scope
from tests.factories import FindingFactory, ProjectFactory, RefFactory

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
