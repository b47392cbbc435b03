"""Reading verdicts, component tags and opinions."""

from collections.abc import Iterable
from typing import TypeVar

from triage.models import ComponentTag, Feedback, Opinion, Origin, Verdict

AnyOpinion = TypeVar("AnyOpinion", bound=Opinion)


def latest_verdict(finding_id: int) -> Verdict | None:
    """Return the verdict that counts, with its model call, or None when there is none yet.

    A finding whose code has changed has lost its verdict: the one on the old code says nothing.
    """
    verdict: Verdict | None = (
        Verdict.objects.filter(finding_id=finding_id)
        .exclude(finding__verdict="")
        .select_related("model_call")
        .order_by("-id")
        .first()
    )
    return verdict


def latest_feedback(verdict_id: int) -> list[Feedback]:
    """Return each member's newest opinion of a verdict, newest first."""
    rows = Feedback.objects.filter(verdict_id=verdict_id).select_related("actor").order_by("-id")
    return newest_of_each(rows)


def newest_of_each(opinions: Iterable[AnyOpinion]) -> list[AnyOpinion]:
    """Return each member's newest opinion; `opinions` come newest first."""
    newest: dict[tuple[int | None, str], AnyOpinion] = {}
    for opinion in opinions:
        newest.setdefault((opinion.actor_id, opinion.actor_label), opinion)
    return list(newest.values())


def latest_tag(file_id: int) -> ComponentTag | None:
    """Return the newest component tag of a file, or None when it has none yet."""
    tag: ComponentTag | None = ComponentTag.objects.filter(file_id=file_id).order_by("-id").first()
    return tag


def latest_tag_of(*, file_id: int, content_hash: str) -> ComponentTag | None:
    """Return the tag of a file for exactly this content, or None."""
    tag: ComponentTag | None = ComponentTag.objects.filter(
        file_id=file_id, content_hash=content_hash
    ).first()
    return tag


def verdict_of_input(input_hash: str) -> Verdict | None:
    """Return a judge's own verdict on an equal question in this organization, or None."""
    verdict: Verdict | None = (
        Verdict.objects.filter(
            input_hash=input_hash, origin__in=[Origin.MODEL, Origin.RULE_OF_THUMB]
        )
        .order_by("-id")
        .first()
    )
    return verdict
