"""Reading the log of calls."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from core.errors import NotFoundError
from core.numbers import LARGEST_ID, id_of
from llm.models import ModelCall, Outcome
from llm.texts import storable
from tenants.scope import organization_scope

PAGE_SIZE = 50
EXPORT_BATCH = 500
# From how many of the newest calls the choices of the filter are taken.
CHOICES_FROM = 2000
FIRST_YEAR, LAST_YEAR = 2000, 2200
FILTER_FIELDS = ("purpose", "outcome", "model", "finding", "since", "until")
TEXT_FIELDS = ("request", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls are asked for; blank parts ask nothing. Days are those of UTC, both included."""

    purpose: str = ""
    outcome: str = ""
    model: str = ""
    finding_id: int | None = None
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> "CallFilter":
        """Read an address or a form; what makes no sense asks nothing."""
        outcome = query.get("outcome", "")
        return cls(
            purpose=storable(query.get("purpose", ""))[:30],
            outcome=outcome if outcome in Outcome.values else "",
            model=storable(query.get("model", ""))[:200],
            finding_id=id_of(query.get("finding", "")),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
        )

    @property
    def items(self) -> dict[str, str]:
        """The parts that ask something, as fields of a form."""
        parts = {
            "purpose": self.purpose,
            "outcome": self.outcome,
            "model": self.model,
            "finding": str(self.finding_id or ""),
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in parts.items() if value}

    @property
    def query(self) -> str:
        """The filter as the query of an address, without its question mark."""
        return urlencode(self.items)

    def calls(self) -> QuerySet[ModelCall]:
        """Return the calls of the organization in scope that it asks for, in no order."""
        calls: QuerySet[ModelCall] = ModelCall.objects.all()
        named = {"purpose": self.purpose, "outcome": self.outcome, "model": self.model}
        calls = calls.filter(**{name: value for name, value in named.items() if value})
        if self.finding_id is not None:
            calls = calls.filter(subject_id=self.finding_id)
        if self.since is not None:
            calls = calls.filter(created_at__gte=_midnight(self.since))
        if self.until is not None:
            calls = calls.filter(created_at__lt=_midnight(self.until) + timedelta(days=1))
        return calls


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """One page of the log, the newest first."""

    calls: Sequence[ModelCall]
    next_before: int | None


def page_of_calls(wanted: CallFilter, *, before: int | None = None) -> CallPage:
    """Return the newest calls older than the one with the id `before`, without their texts."""
    calls = wanted.calls().defer(*TEXT_FIELDS).order_by("-id")
    if before is not None:
        calls = calls.filter(id__lt=before)
    rows = list(calls[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    return CallPage(calls=rows[:PAGE_SIZE], next_before=rows[PAGE_SIZE - 1].pk if more else None)


def get_call(call_id: int) -> ModelCall:
    """Return a call. Raises NotFoundError."""
    call: ModelCall | None = ModelCall.objects.filter(id=call_id).first()
    if call is None:
        raise NotFoundError("There is no such call in the log.")
    return call


def choices_of(name: str) -> list[str]:
    """Return the values of `purpose` or `model` among the newest calls, in order."""
    newest = ModelCall.objects.order_by("-id").values_list(name, flat=True)[:CHOICES_FROM]
    return sorted(set(newest))


def exported_lines(wanted: CallFilter, *, organization_id: int) -> Iterator[str]:
    """Yield the calls as JSON Lines, the newest first.

    It runs on while the answer is sent, after the page's own scope was closed; so each batch is
    read in a scope of its own.
    """
    before = LARGEST_ID
    while True:
        with organization_scope(organization_id):
            batch = list(wanted.calls().filter(id__lt=before).order_by("-id")[:EXPORT_BATCH])
        for call in batch:
            yield json.dumps(_exported(call), ensure_ascii=False) + "\n"
        if len(batch) < EXPORT_BATCH:
            return
        before = batch[-1].pk


def _exported(call: ModelCall) -> dict[str, Any]:
    return {
        "id": call.pk,
        "created_at": call.created_at.isoformat(),
        "purpose": call.purpose,
        "finding_id": call.subject_id,
        "provider": call.provider,
        "model": call.model,
        "prompt_version": call.prompt_version,
        "input_tokens": call.input_tokens,
        "cached_tokens": call.cached_tokens,
        "output_tokens": call.output_tokens,
        "cost_usd": str(call.cost_usd),
        "duration_ms": call.duration_ms,
        "outcome": call.outcome,
        "error": call.error,
        "text_state": call.text_state,
        "expires_at": call.expires_at.isoformat(),
        "request": json.loads(call.request) if call.request else None,
        "response": call.response or None,
    }


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
