"""What findings are looked for: a value that a page's address can carry."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime

from core.numbers import id_of
from findings.models import ComponentRisk, Conclusion, Confidence, Product, Severity, Status

NOT_ANALYZED = "none"
ALL = "all"
LONGEST_TEXT = 200
SHOWN_STATUSES = tuple(status.value for status in Status if status != Status.REMOVED)
VERDICTS = (*Conclusion.values, NOT_ANALYZED)
SEVERITIES = {severity.name.lower(): severity.value for severity in reversed(Severity)}
CONFIDENCES = {confidence.name.lower(): confidence.value for confidence in reversed(Confidence)}


class Moment(TextChoices):
    """What happened to a finding in the time that is asked for; see moments.py."""

    OPENED = "opened", "Opened"
    FIXED = "fixed", "Fixed"
    IGNORED = "ignored", "Ignored"
    CHANGED = "changed", "Opened, fixed or ignored"
    BACKLOG = "backlog", "Undecided at the end"


class Lifecycle(TextChoices):
    """Where a finding stands between a change request and the primary branch; see moments.py."""

    PRODUCTION = "production", "On the primary branch"
    CHANGE_REQUEST = "change_request", "Found in a change request"
    SHOWN = "shown", "Shown in a change request"
    FIXED_EARLY = "fixed_early", "Fixed before merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """What is looked for: OR inside one field, AND between fields; an empty field asks nothing.

    Without statuses, all but `removed` are found. `verdicts` may hold `none`: not yet judged.
    `ref` is a branch or change request in any spelling; the status is then the one on that ref.
    `path` is a part of the path; each word of `text` stands in the rule's name or in the path.
    `memory_id` asks for the findings that this memory influenced, `task_id` for those of a
    recommended task. What `moment` names happened at `since` or later, and before `until`; a
    blank `lifecycle` asks nothing.
    """

    statuses: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    confidences: tuple[int, ...] = ()
    project_ids: tuple[int, ...] = ()
    project_names: tuple[str, ...] = ()
    ref: str = ""
    verdicts: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    moment: str = Moment.OPENED.value
    lifecycle: str = ""
    products: tuple[str, ...] = ()
    path: str = ""
    text: str = ""
    memory_id: int | None = None
    task_id: int | None = None

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Read the filter from a page's address; without a status, open findings are meant.

        Values that we do not know ask nothing, so that an old link still leads somewhere.
        """
        asked = _words(query, "status") or [Status.OPEN.value]
        return cls(
            statuses=() if ALL in asked else _known(asked, SHOWN_STATUSES) or (Status.OPEN.value,),
            severities=_named(query, "severity", SEVERITIES),
            confidences=_named(query, "confidence", CONFIDENCES),
            project_names=_texts(query, "repo"),
            ref=_text(query, "ref"),
            verdicts=_known(_words(query, "recommendation"), VERDICTS),
            components=_texts(query, "component"),
            risks=_known(_words(query, "risk"), ComponentRisk.values),
            rules=_texts(query, "rule"),
            since=_moment(_text(query, "since")),
            until=_moment(_text(query, "until")),
            moment=_one(query, "by", Moment.values) or Moment.OPENED.value,
            lifecycle=_one(query, "lifecycle", Lifecycle.values),
            products=_known(_words(query, "product"), Product.values),
            path=_text(query, "path"),
            text=_text(query, "q"),
            memory_id=id_of(_text(query, "memory")),
            task_id=id_of(_text(query, "task")),
        )

    def to_query(self) -> QueryDict:
        """Return the filter as a page's address has it; `from_query` reads it back."""
        severities = {value: name for name, value in SEVERITIES.items()}
        confidences = {value: name for name, value in CONFIDENCES.items()}
        lists: dict[str, Sequence[str]] = {
            "status": [] if self.statuses == (Status.OPEN.value,) else self.statuses or [ALL],
            "severity": [severities[value] for value in self.severities],
            "confidence": [confidences[value] for value in self.confidences],
            "repo": self.project_names,
            "ref": [self.ref],
            "recommendation": self.verdicts,
            "component": self.components,
            "risk": self.risks,
            "rule": self.rules,
            "since": [self.since.isoformat()] if self.since else [],
            "until": [self.until.isoformat()] if self.until else [],
            "by": [] if self.moment == Moment.OPENED else [self.moment],
            "lifecycle": [self.lifecycle],
            "product": self.products,
            "path": [self.path],
            "q": [self.text],
            "memory": [str(self.memory_id or "")],
            "task": [str(self.task_id or "")],
        }
        query = QueryDict(mutable=True)
        for name, values in lists.items():
            if any(values):
                query.setlist(name, list(values))
        return query

    @property
    def is_counted(self) -> bool:
        """Say whether the kept counts know every field that is asked."""
        rest = replace(self, project_ids=(), project_names=(), products=())
        return replace(rest, statuses=(), severities=(), verdicts=()) == FindingFilter()


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\0", "").strip()[:LONGEST_TEXT]


def _texts(query: QueryDict, name: str) -> tuple[str, ...]:
    values = (value.replace("\0", "").strip() for value in query.getlist(name))
    return tuple(dict.fromkeys(value for value in values if value))


def _words(query: QueryDict, name: str) -> list[str]:
    return [word.strip().lower() for value in query.getlist(name) for word in value.split(",")]


def _known(words: Collection[str], values: Collection[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value in words)


def _one(query: QueryDict, name: str, values: Collection[str]) -> str:
    return next(iter(_known(_words(query, name), values)), "")


def _named(query: QueryDict, name: str, values: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(values[word] for word in _known(_words(query, name), values))


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
        day = parse_date(text) if moment is None else None
    except ValueError:
        return None
    if day is not None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
