"""Asking for findings to be analyzed."""

from datetime import UTC, datetime

import pytest

from core.errors import InvalidInputError
from findings.models import Activity, ActivityKind
from tenants.audit import Actor
from tenants.scope import organization_scope
from tests.factories import FindingFactory
from triage.announcements import analysis_requested
from triage.models import Analysis, AnalysisRequest
from triage.requests import TooManyFindingsError, request_analysis

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def ask(actor, ids, wanted=(Analysis.JUDGE,), *, is_fresh=False):
    return request_analysis(finding_ids=ids, wanted=wanted, is_fresh=is_fresh, actor=actor, now=NOW)


def test_a_request_holds_our_own_findings_once_in_their_order(mel, rival):
    first, second = FindingFactory().id, FindingFactory().id
    with organization_scope(rival.id):
        theirs = FindingFactory().id

    request = ask(Actor.person(mel), [second, first, second, theirs, 999_999], is_fresh=True)

    assert request.finding_ids == [second, first]
    assert (request.wanted, request.is_fresh) == (["judge"], True)
    assert (request.actor, request.actor_label, request.status) == (mel, "Mel", "waiting")
    told = Activity.objects.filter(kind=ActivityKind.ANALYSIS_STARTED).order_by("finding_id")
    assert [(one.finding_id, one.title, one.actor) for one in told] == [
        (first, "Asked for a verdict", mel),
        (second, "Asked for a verdict", mel),
    ]


def test_the_wanted_are_kept_once_and_in_the_order_of_work(mel):
    wanted = [Analysis.REMEDY, Analysis.JUDGE, Analysis.REMEDY]

    assert ask(Actor.person(mel), [FindingFactory().id], wanted).wanted == ["judge", "remedy"]


def test_more_than_a_thousand_are_refused(mel):
    with pytest.raises(TooManyFindingsError, match="1001 findings") as refused:
        ask(Actor.person(mel), list(range(1, 1002)))

    assert (refused.value.code, refused.value.field) == ("too_many_findings", "finding_ids")
    assert not AnalysisRequest.objects.exists()


@pytest.mark.parametrize(("ids", "wanted"), [([], [Analysis.JUDGE]), ([999_999], ["judge"])])
def test_without_a_finding_of_ours_nothing_is_asked(mel, ids, wanted):
    with pytest.raises(InvalidInputError, match="none of these"):
        ask(Actor.person(mel), ids, wanted)

    assert not AnalysisRequest.objects.exists()


@pytest.mark.parametrize("product", ["sca", "secrets"])
def test_nothing_of_dependencies_or_secrets_is_analyzed(mel, product):
    other = FindingFactory(product=product).id

    with pytest.raises(InvalidInputError, match="in this organization's code"):
        ask(Actor.person(mel), [other])

    assert ask(Actor.person(mel), [other, code := FindingFactory().id]).finding_ids == [code]


def test_without_a_wish_nothing_is_asked(mel):
    with pytest.raises(InvalidInputError, match="wanted"):
        ask(Actor.person(mel), [FindingFactory().id], [])


def test_the_request_is_announced(mel, django_capture_on_commit_callbacks):
    heard = []

    def listen(**ids):
        heard.append(ids["request_id"])

    analysis_requested.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            request = ask(Actor.person(mel), [FindingFactory().id])
    finally:
        analysis_requested.disconnect(listen)

    assert heard == [request.id]


def test_many_findings_take_few_queries(mel, django_assert_max_num_queries):
    ids = [FindingFactory().id for _ in range(20)]

    with django_assert_max_num_queries(6):
        ask(Actor.person(mel), ids)
