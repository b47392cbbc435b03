"""What the assistant says of a finding in JSON, and the row that every shape is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer

from findings.models import Instance, Status
from notifications.models import ReviewComment
from remediation import models as remedies
from remediation.suggestions import kept_suggestion
from triage.models import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A finding on one ref, with what its shape needs beside it."""

    instance: Instance
    status: Status
    verdict: Verdict | None
    guidance: remedies.Guidance | None
    fix: remedies.FixAttempt | None
    line_url: str
    fix_requests: Sequence[remedies.FixRequest]
    """Newest first."""
    comments: Sequence[ReviewComment]
    """Those that stand in change requests."""


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Moment = Annotated[datetime, PlainSerializer(_iso, return_type=str)]


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


class Autotriage(Shape):
    """What triage concluded: true_positive, false_positive or needs_review, and why."""

    verdict: str
    reason: str


class Component(Shape):
    """Which part of the product the file is: risk is high, low or neutral."""

    tag: str
    risk: str


class Guidance(Shape):
    """How to make the finding go away: one line, and numbered steps in Markdown."""

    summary: str
    instructions: str


class Autofix(Shape):
    """A proven fix: `fix_code` replaces the lines `line` to `end_line` whole."""

    fix_code: str
    explanation: str


class Assistant(Shape):
    """What the assistant knows of a finding; each part is absent until it does."""

    autotriage: Autotriage | None = None
    component: Component | None = None
    guidance: Guidance | None = None
    autofix: Autofix | None = None


def assistant_of(row: Row) -> Assistant | None:
    """Return what is known of a row's finding; None where nothing is."""
    known: dict[str, Any] = {}
    if row.verdict is not None:
        known["autotriage"] = Autotriage(verdict=row.verdict.conclusion, reason=row.verdict.reason)
    file = row.instance.file
    if file.component_risk:
        known["component"] = Component(tag=file.component, risk=file.component_risk)
    if row.guidance is not None:
        known["guidance"] = Guidance(
            summary=row.guidance.summary, instructions=row.guidance.instructions
        )
    if autofix := _autofix(row):
        known["autofix"] = autofix
    return Assistant(**known) if known else None


def _autofix(row: Row) -> Autofix | None:
    """Return the fix if it changes the row's own lines and no others."""
    fix, one = row.fix, row.instance
    if fix is None or (fix.path, fix.start_line, fix.end_line) != (
        one.file.path,
        one.start_line,
        one.end_line,
    ):
        return None
    code = kept_suggestion(fix)
    return None if code is None else Autofix(fix_code=code, explanation="")
