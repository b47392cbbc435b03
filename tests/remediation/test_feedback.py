"""What people think of guidance and of fixes."""

from datetime import UTC, datetime

import pytest

from core.errors import InvalidInputError, NotFoundError
from findings.models import Activity, Conclusion, Finding
from remediation.feedback import rate_fix, rate_guidance
from remediation.models import FixFeedback, FixStatus, GuidanceFeedback
from tenants.audit import Actor
from tenants.scope import organization_scope
from tests.factories import FindingFactory, FixAttemptFactory, GuidanceFactory
from triage.models import Rating
from triage.opinions import OutdatedSubjectError
from triage.selectors import newest_of_each

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def finding(acme):
    return FindingFactory(verdict=Conclusion.TRUE_POSITIVE)


def rate_the_guidance(guidance, person, rating=Rating.GOOD, note=""):
    return rate_guidance(
        finding_id=guidance.finding_id,
        guidance_id=guidance.id,
        rating=rating,
        note=note,
        actor=Actor.person(person),
        now=NOW,
    )


def rate_the_fix(fix, person, rating=Rating.GOOD, note=""):
    return rate_fix(
        finding_id=fix.finding_id,
        fix_id=fix.id,
        rating=rating,
        note=note,
        actor=Actor.person(person),
        now=NOW,
    )


def test_guidance_is_rated_with_a_note_and_the_log_says_so(finding, mel):
    guidance = GuidanceFactory(finding=finding)

    rate_the_guidance(guidance, mel, Rating.BAD, note=" We have no such module. ")

    kept = GuidanceFeedback.objects.get()
    assert (kept.rating, kept.note, kept.actor) == ("bad", "We have no such module.", mel)
    event = Activity.objects.get()
    assert (event.title, event.note) == ("Rated the guidance not helpful", kept.note)


def test_a_fix_is_rated_and_nothing_else_changes(finding, mel):
    fix = FixAttemptFactory(finding=finding)

    rate_the_fix(fix, mel)

    assert FixFeedback.objects.get().rating == Rating.GOOD
    finding.refresh_from_db()
    assert finding.status == "open"
    fix.refresh_from_db()
    assert fix.status == FixStatus.PROVEN


def test_the_same_word_twice_is_one_word(finding, mel):
    guidance = GuidanceFactory(finding=finding)

    assert rate_the_guidance(guidance, mel) == rate_the_guidance(guidance, mel)

    assert Activity.objects.count() == 1


def test_a_mind_may_be_changed_and_the_newest_word_of_each_person_counts(finding, ada, mel):
    fix = FixAttemptFactory(finding=finding)
    rate_the_fix(fix, mel, Rating.GOOD)
    rate_the_fix(fix, ada, Rating.GOOD)

    rate_the_fix(fix, mel, Rating.BAD)

    newest = newest_of_each(FixFeedback.objects.filter(fix=fix).order_by("-id"))
    assert [(one.actor, one.rating) for one in newest] == [(mel, "bad"), (ada, "good")]


def test_guidance_that_was_replaced_cannot_be_rated(finding, mel):
    read = GuidanceFactory(finding=finding)
    GuidanceFactory(finding=finding)

    with pytest.raises(OutdatedSubjectError, match="newer guidance has replaced"):
        rate_the_guidance(read, mel)

    assert not GuidanceFeedback.objects.exists()
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"status": FixStatus.REFUSED, "reason": "still_fires"},
        {"status": FixStatus.WITHDRAWN},
        {"status": FixStatus.PROPOSED},
    ],
)
def test_a_fix_that_is_not_shown_cannot_be_rated(finding, mel, fields):
    fix = FixAttemptFactory(finding=finding, **fields)

    with pytest.raises(OutdatedSubjectError, match="is not shown any more"):
        rate_the_fix(fix, mel)

    assert not FixFeedback.objects.exists()


def test_the_fix_of_a_finding_whose_code_has_changed_cannot_be_rated(finding, mel):
    fix = FixAttemptFactory(finding=finding)
    Finding.objects.update(verdict="")

    with pytest.raises(OutdatedSubjectError):
        rate_the_fix(fix, mel)


@pytest.mark.parametrize("note", ["a" * 3001, "nul \0", "half \ud800"])
def test_a_note_that_cannot_be_kept_is_refused(finding, mel, note):
    guidance = GuidanceFactory(finding=finding)

    with pytest.raises(InvalidInputError) as refused:
        rate_the_guidance(guidance, mel, note=note)

    assert refused.value.field == "note"
    assert not GuidanceFeedback.objects.exists()


def test_remedies_of_another_organization_are_not_found(finding, rival, ron):
    guidance, fix = GuidanceFactory(finding=finding), FixAttemptFactory(finding=finding)

    with organization_scope(rival.id), pytest.raises(NotFoundError):
        rate_the_guidance(guidance, ron)
    with organization_scope(rival.id), pytest.raises(NotFoundError):
        rate_the_fix(fix, ron)

    assert not GuidanceFeedback.objects.exists()
    assert not FixFeedback.objects.exists()
