"""What the shapes of events have in common: strict types, bounds, and clear refusals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from core.errors import InvalidInputError

AnyShape = TypeVar("AnyShape", bound="Shape")
LARGEST_ID = 2**63 - 1
LARGEST_NUMBER = 2**31 - 1


class Shape(BaseModel):
    """A part of an event that we read; what else it holds is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


def _without_nul(text: str) -> str:
    """Return a text that the database can store."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _moment(value: object) -> object:
    """Take the ways in which GitLab writes a time: `2015-05-17 18:21:36 UTC` is one."""
    if isinstance(value, str):
        return datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
    return value


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Number = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Text = Annotated[str, AfterValidator(_without_nul)]
Word = Annotated[str, StringConstraints(max_length=60), AfterValidator(_without_nul)]
Name = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_without_nul)]
Ref = Annotated[str, StringConstraints(max_length=400), AfterValidator(_without_nul)]
FullName = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[\w.+-]+(?:/[\w.+-]+)+$")]
Commit = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
WebUrl = Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[^\s<>\"']+$")]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


def parse(shape: type[AnyShape], *, name: str, body: Mapping[str, Any]) -> AnyShape:
    """Return the parts of an event; raise InvalidInputError that names the first wrong one."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in problem["loc"]) or "body"
        raise InvalidInputError(
            f"{field}: the event {name} is not as its code host documents it"
            f" ({problem['msg'].rstrip('.').lower()}); nothing was done.",
            field=field,
        ) from error
