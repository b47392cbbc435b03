"""What a judge may answer, and nothing else."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Confidence = Annotated[float, Field(ge=0, le=1)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
ComponentName = Literal[
    "user authentication",
    "user authorization",
    "infrastructure",
    "superuser",
    "payments",
    "user data",
    "PII",
    "cryptography",
    "tests",
    "developer scripts",
    "sample code",
    "observability",
    "",
]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quote(_Answer):
    """A piece of the shown code that the reason leans on."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    line: Annotated[int, Field(ge=1, le=10_000_000)] | None = None


class ComponentAnswer(_Answer):
    """Which part of the product the file belongs to; a blank name: none that is listed."""

    name: ComponentName
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""


class JudgeAnswer(_Answer):
    """One judgment of one finding."""

    verdict: Literal["true_positive", "false_positive", "needs_review"]
    confidence: Confidence
    reason: Reason
    quotes: Annotated[tuple[Quote, ...], Field(max_length=5)] = ()
    component: ComponentAnswer | None = None
