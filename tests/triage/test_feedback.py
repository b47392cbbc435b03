"""Agreeing and disagreeing with a verdict."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from core.errors import InvalidInputError, NotFoundError
from findings.models import Activity, Conclusion, Finding
from tenants.audit import Actor
from tenants.models import Door
from tenants.scope import organization_scope
from tests.factories import FindingFactory, MembershipFactory, OrganizationFactory, VerdictFactory
from triage.decisions import Decision
from triage.feedback import NoVerdictError, agree_and_ignore, rate_verdict
from triage.models import Feedback, Rating, Verdict
from triage.opinions import OutdatedSubjectError
from triage.recording import record_verdict
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


def agree(finding, person, verdict_id=None):
    """Agree with the verdict that was read: the newest, unless another is named."""
    return agree_and_ignore(
        finding_id=finding.id,
        verdict_id=verdict_id or newest_id(finding),
        actor=Actor.person(person),
        now=NOW,
    )


def rate(finding, person, rating=Rating.BAD, note="", verdict_id=None):
    return rate_verdict(
        finding_id=finding.id,
        verdict_id=verdict_id or newest_id(finding),
        rating=rating,
        note=note,
        actor=Actor.person(person),
        now=NOW,
    )


def newest_id(finding):
    verdict = Verdict.objects.filter(finding=finding).order_by("-id").first()
    return verdict.id if verdict else 1


def test_agreeing_ignores_the_finding_as_a_false_positive(mel):
    finding = judged()

    feedback = agree(finding, mel)

    assert (feedback.rating, feedback.actor, feedback.door) == (Rating.GOOD, mel, "page")
    finding.refresh_from_db()
    assert (finding.status, finding.triage_reason) == ("ignored", "false_positive")
    assert finding.triaged_by == mel
    kinds = Activity.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["AUTOTRIAGE_FEEDBACK", "TRIAGE"]


def test_agreeing_twice_is_agreeing_once(mel):
    finding = judged()

    first = agree(finding, mel)
    second = agree(finding, mel)

    assert first == second
    assert Activity.objects.count() == 2


def test_disagreeing_leaves_the_status(mel):
    finding = judged()

    rate(finding, mel, note=" It is reachable. ")

    assert Feedback.objects.get().note == "It is reachable."
    finding.refresh_from_db()
    assert finding.status == "open"
    assert Activity.objects.get().note == "It is reachable."


def test_the_newest_opinion_of_each_person_counts(ada, mel):
    finding = judged()
    rate(finding, mel)
    rate(finding, ada)
    agree(finding, mel)

    opinions = latest_feedback(Verdict.objects.get().id)

    assert [(one.actor, one.rating) for one in opinions] == [(mel, "good"), (ada, "bad")]
    assert Feedback.objects.count() == 3


@pytest.mark.parametrize("conclusion", [Conclusion.TRUE_POSITIVE, Conclusion.NEEDS_REVIEW])
def test_only_a_false_positive_can_be_agreed_with_and_ignored(mel, conclusion):
    finding = judged(conclusion)

    with pytest.raises(InvalidInputError, match="triage the finding instead"):
        agree(finding, mel)

    finding.refresh_from_db()
    assert finding.status == "open"
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("note", ["a" * 3001, "nul \0"])
def test_a_note_that_cannot_be_kept_is_refused(mel, note):
    with pytest.raises(InvalidInputError) as refused:
        rate(judged(), mel, note=note)

    assert refused.value.field == "note"
    assert not Feedback.objects.exists()


def test_without_a_verdict_there_is_nothing_to_agree_with(mel):
    with pytest.raises(NoVerdictError):
        agree(FindingFactory(), mel)


def test_a_finding_of_another_organization_is_not_found(mel, rival, ron):
    finding = judged()

    verdict_id = newest_id(finding)

    with organization_scope(rival.id), pytest.raises(NotFoundError):
        rate(finding, ron, verdict_id=verdict_id)

    assert not Feedback.objects.exists()


def test_a_verdict_on_code_that_has_changed_since_cannot_be_agreed_with(mel):
    finding = judged()
    Finding.objects.update(verdict="")  # as the ingest does where the code has changed

    with pytest.raises(NoVerdictError):
        agree(finding, mel)

    finding.refresh_from_db()
    assert finding.status == "open"


@pytest.mark.parametrize("conclusion", list(Conclusion))
@pytest.mark.parametrize("rating", list(Rating))
def test_every_verdict_can_be_rated_and_the_status_stays(mel, conclusion, rating):
    finding = judged(conclusion)

    feedback = rate(finding, mel, rating, note="See the tests.")

    assert (feedback.rating, feedback.note) == (rating, "See the tests.")
    finding.refresh_from_db()
    assert finding.status == "open"


def test_a_person_may_change_her_mind(mel):
    finding = judged(Conclusion.TRUE_POSITIVE)
    rate(finding, mel, Rating.GOOD)

    rate(finding, mel, Rating.BAD)

    assert [one.rating for one in latest_feedback(newest_id(finding))] == [Rating.BAD]
    titles = Activity.objects.order_by("id").values_list("title", flat=True)
    assert list(titles) == ["Agreed with the verdict", "Disagreed with the verdict"]


def test_an_answer_to_an_outdated_verdict_is_refused_and_changes_nothing(mel):
    finding = judged()
    read = newest_id(finding)
    VerdictFactory(finding=finding, conclusion=Conclusion.FALSE_POSITIVE)

    with pytest.raises(OutdatedSubjectError, match="a newer verdict has replaced"):
        agree(finding, mel, verdict_id=read)
    with pytest.raises(OutdatedSubjectError):
        rate(finding, mel, verdict_id=read)

    finding.refresh_from_db()
    assert finding.status == "open"
    assert not Feedback.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_agreeing_waits_for_a_verdict_that_is_being_stored_and_is_refused_for_the_older_one():
    organization = OrganizationFactory(slug="acme")
    with organization_scope(organization.id):
        finding = judged()
        mel = MembershipFactory().user
        read, refused = newest_id(finding), []

        def click():
            try:
                with organization_scope(organization.id):
                    agree(finding, mel, verdict_id=read)
            except OutdatedSubjectError as error:
                refused.append(error.code)
            finally:
                connection.close()

        thread = threading.Thread(target=click)
        with transaction.atomic():
            record_verdict(
                finding_id=finding.id,
                commit="",
                decision=Decision.undecided("The code has changed."),
                input_hash="",
                model_call_id=None,
                prompt_version="",
                now=NOW,
            )
            thread.start()
            wait_until_somebody_waits()
        thread.join()

        assert refused == ["outdated"]
        finding.refresh_from_db()
        assert (finding.triage_state, Feedback.objects.count()) == ("untriaged", 0)


def test_people_of_a_code_host_have_an_opinion_each(acme):
    finding = judged()
    for name in ("@mel (GitHub)", "@eve (GitHub)", "@mel (GitHub)"):
        rate_verdict(
            finding_id=finding.id,
            verdict_id=newest_id(finding),
            rating=Rating.BAD,
            note="it is reachable",
            actor=Actor(door=Door.CHANGE_REQUEST, label=name),
            now=NOW,
        )

    opinions = latest_feedback(newest_id(finding))

    assert [one.actor_label for one in opinions] == ["@eve (GitHub)", "@mel (GitHub)"]


def test_agreeing_keeps_the_note_with_the_decision(mel):
    finding = judged()

    agree_and_ignore(
        finding_id=finding.id,
        verdict_id=newest_id(finding),
        note=" we check it above ",
        actor=Actor.person(mel),
        now=NOW,
    )

    finding.refresh_from_db()
    assert finding.triage_note == "we check it above"
    assert Feedback.objects.get().note == "we check it above"


def wait_until_somebody_waits():
    """Return once another session waits for a lock of this one."""
    with connection.cursor() as cursor:
        for _round in range(100_000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError
