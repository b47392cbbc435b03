"""Agreeing and disagreeing with a verdict."""

from datetime import UTC, datetime

import pytest

from core.errors import InvalidInputError, NotFoundError
from findings.models import Activity, Conclusion, Finding
from tenants.audit import Actor
from tenants.scope import organization_scope
from tests.factories import FindingFactory
from triage.feedback import NoVerdictError, agree_and_ignore, disagree
from triage.models import Feedback, Rating, Verdict
from triage.selectors import latest_feedback

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def judged(conclusion=Conclusion.FALSE_POSITIVE):
    finding = FindingFactory(verdict=conclusion)
    Verdict.objects.create(
        finding=finding,
        conclusion=conclusion,
        proposed=conclusion,
        confidence_ratio=0.9,
        reason="Because.",
        origin="model",
        input_hash="a" * 64,
    )
    return finding


def test_agreeing_ignores_the_finding_as_a_false_positive(mel):
    finding = judged()

    feedback = agree_and_ignore(finding_id=finding.id, actor=Actor.person(mel), now=NOW)

    assert (feedback.rating, feedback.actor, feedback.door) == (Rating.GOOD, mel, "page")
    finding.refresh_from_db()
    assert (finding.status, finding.triage_reason) == ("ignored", "false_positive")
    assert finding.triaged_by == mel
    kinds = Activity.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["AUTOTRIAGE_FEEDBACK", "TRIAGE"]


def test_agreeing_twice_is_agreeing_once(mel):
    finding = judged()

    first = agree_and_ignore(finding_id=finding.id, actor=Actor.person(mel), now=NOW)
    second = agree_and_ignore(finding_id=finding.id, actor=Actor.person(mel), now=NOW)

    assert first == second
    assert Activity.objects.count() == 2


def test_disagreeing_leaves_the_status(mel):
    finding = judged()

    disagree(finding_id=finding.id, note=" It is reachable. ", actor=Actor.person(mel), now=NOW)

    assert Feedback.objects.get().note == "It is reachable."
    finding.refresh_from_db()
    assert finding.status == "open"
    assert Activity.objects.get().note == "It is reachable."


def test_the_newest_opinion_of_each_person_counts(ada, mel):
    finding = judged()
    disagree(finding_id=finding.id, note="", actor=Actor.person(mel), now=NOW)
    disagree(finding_id=finding.id, note="", actor=Actor.person(ada), now=NOW)
    agree_and_ignore(finding_id=finding.id, actor=Actor.person(mel), now=NOW)

    opinions = latest_feedback(Verdict.objects.get().id)

    assert [(one.actor, one.rating) for one in opinions] == [(mel, "good"), (ada, "bad")]
    assert Feedback.objects.count() == 3


@pytest.mark.parametrize("conclusion", [Conclusion.TRUE_POSITIVE, Conclusion.NEEDS_REVIEW])
def test_only_a_false_positive_can_be_agreed_with_and_ignored(mel, conclusion):
    finding = judged(conclusion)

    with pytest.raises(InvalidInputError, match="triage the finding instead"):
        agree_and_ignore(finding_id=finding.id, actor=Actor.person(mel), now=NOW)

    finding.refresh_from_db()
    assert finding.status == "open"
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("note", ["a" * 3001, "nul \0"])
def test_a_note_that_cannot_be_kept_is_refused(mel, note):
    with pytest.raises(InvalidInputError) as refused:
        disagree(finding_id=judged().id, note=note, actor=Actor.person(mel), now=NOW)

    assert refused.value.field == "note"
    assert not Feedback.objects.exists()


def test_without_a_verdict_there_is_nothing_to_agree_with(mel):
    with pytest.raises(NoVerdictError):
        agree_and_ignore(finding_id=FindingFactory().id, actor=Actor.person(mel), now=NOW)


def test_a_finding_of_another_organization_is_not_found(mel, rival, ron):
    finding = judged()

    with organization_scope(rival.id), pytest.raises(NotFoundError):
        disagree(finding_id=finding.id, note="", actor=Actor.person(ron), now=NOW)

    assert not Feedback.objects.exists()


def test_a_verdict_on_code_that_has_changed_since_cannot_be_agreed_with(mel):
    finding = judged()
    Finding.objects.update(verdict="")  # as the ingest does where the code has changed

    with pytest.raises(NoVerdictError):
        agree_and_ignore(finding_id=finding.id, actor=Actor.person(mel), now=NOW)

    finding.refresh_from_db()
    assert finding.status == "open"
