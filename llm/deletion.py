"""Deleting texts from the log of calls; the figures stay, and who did it is written down."""

from llm.models import ModelCall, TextState
from llm.retention import remove_texts
from llm.selectors import CallFilter
from tenants.audit import Actor, record_audit_event


def delete_texts(*, wanted: CallFilter, actor: Actor) -> int:
    """Delete the texts of all calls that `wanted` asks for; return of how many."""
    count = remove_texts(wanted.calls(), state=TextState.DELETED)
    record_audit_event(
        actor=actor,
        action="model_log.texts_deleted",
        object_label=f"{count} calls",
        before=wanted.items,
    )
    return count


def delete_text(*, call: ModelCall, actor: Actor) -> None:
    """Delete the text of one call."""
    if remove_texts(ModelCall.objects.filter(id=call.pk), state=TextState.DELETED):
        record_audit_event(
            actor=actor, action="model_log.texts_deleted", object_label=f"call {call.pk}"
        )
