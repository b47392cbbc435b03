"""What a model may answer about a remedy; fixes in another shape are kept as such, not believed."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.json_schema import SkipJsonSchema

MAX_FIXES = 5
MAX_EDITS = 10
MAX_EDIT_CHARACTERS = 8000

Text = Annotated[str, StringConstraints(max_length=MAX_EDIT_CHARACTERS)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Instructions = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)
]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProposedEdit(_Answer):
    """Text that stands once in the file, and what to put in its place."""

    search: Text
    replace: Text


class ProposedFix(_Answer):
    """One candidate: all its edits belong together."""

    edits: Annotated[tuple[ProposedEdit, ...], Field(max_length=MAX_EDITS)]
    confidence: Literal["low", "medium", "high"]
    problem: SkipJsonSchema[Annotated[str, StringConstraints(max_length=500)]] = ""
    """Why it cannot be used, in a sentence; never asked for."""


def _usable_or_not(value: Any) -> Any:
    """Take each fix by itself: one of a wrong shape must not cost the guidance beside it."""
    if value is None:
        return ()
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(_as_fix(item) for item in items[:MAX_FIXES])


def _as_fix(item: Any) -> ProposedFix:
    if isinstance(item, ProposedFix):
        return item
    try:
        return ProposedFix.model_validate(item)
    except ValidationError as error:
        return ProposedFix(edits=(), confidence="low", problem=_problem(item, error))


def _problem(item: Any, error: ValidationError) -> str:
    if isinstance(item, str):
        kind = "a diff" if "@@" in item or item.startswith(("--- ", "diff ")) else "text"
        return f"The model gave {kind} in place of edits."
    if isinstance(item, dict) and {"diff", "patch"} & item.keys():
        return "The model gave a diff in place of edits."
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"])) or "the fix"
    return f"The fix has not the shape that was asked for: {place[:100]}: {first['msg'][:200]}."


Fixes = Annotated[
    tuple[ProposedFix, ...], Field(max_length=MAX_FIXES), BeforeValidator(_usable_or_not)
]


class RemedyAnswer(_Answer):
    """Guidance for one finding, and fixes made from it."""

    summary: Summary
    instructions: Instructions
    fixes: Fixes = ()


class RetryAnswer(_Answer):
    """Fixes that know why the earlier ones were refused."""

    fixes: Fixes
