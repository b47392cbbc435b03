"""What clients may ask for: the filters, and what is to be done with the findings they choose."""

from typing import Annotated, Any, Literal, Self

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.bodies import Text, refusal

LARGEST_ID = 2**63 - 1
LONGEST_LIST = 3000
# The year 2200: later moments are mistakes, mostly milliseconds.
LATEST_SECOND = 7_258_118_400


def _items(value: Any) -> Any:
    """Return the items of a repeated parameter, of a comma list, or of a JSON list."""
    values = value if isinstance(value, list | tuple) else [value]
    items: list[Any] = []
    for one in values:
        items += [part.strip() for part in one.split(",")] if isinstance(one, str) else [one]
    return [item for item in items if item != ""]


Name = Annotated[Text, StringConstraints(max_length=400)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Words = Annotated[tuple[Name, ...], BeforeValidator(_items), Field(max_length=LONGEST_LIST)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_items), Field(max_length=LONGEST_LIST)]
StatusWord = Literal["open", "reviewing", "fixing", "ignored", "fixed", "provisionally_ignored"]
Level = Literal["low", "medium", "high"]
SeverityWord = Literal["low", "medium", "high", "critical"]
VerdictWord = Literal["true_positive", "false_positive", "needs_review"]
Reason = Literal["false_positive", "acceptable_risk", "no_time", "no_triage_reason", "duplicate"]


class Filters(BaseModel):
    """Which findings: OR inside one filter, AND between filters; lists repeat or use commas."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issue_type: Annotated[
        Literal["sast", "sca"], Field(description="sast: code; sca: dependencies.")
    ] = "sast"
    status: Annotated[
        tuple[StatusWord, ...],
        BeforeValidator(_items),
        Field(description="Without it all are found. `fixing` is shown as To fix."),
    ] = ()
    severities: Annotated[tuple[SeverityWord, ...], BeforeValidator(_items)] = ()
    confidence: Annotated[tuple[Level, ...], BeforeValidator(_items)] = ()
    repos: Annotated[Words, Field(description="Names of projects: org/repo.")] = ()
    repository_ids: Ids = ()
    ref: Annotated[
        Name, Field(description="A branch or change request: main, refs/pull/7/merge.")
    ] = ""
    rules: Annotated[Words, Field(description="Ids of rules.")] = ()
    autotriage_verdict: Annotated[tuple[VerdictWord, ...], BeforeValidator(_items)] = ()
    component_tags: Words = ()
    since: Annotated[
        FiniteFloat | None,
        Field(ge=0, le=LATEST_SECOND, description="Epoch seconds; compared to relevant_since."),
    ] = None


class FindingsQuery(Filters):
    """One page of findings."""

    dedup: Annotated[
        bool, Field(description="true: one row for each finding; false: one for each ref of it.")
    ] = False
    page: Annotated[int, Field(ge=0, le=1_000_000_000, description="0-based.")] = 0
    page_size: Annotated[int, Field(ge=1, le=3000)] = 100

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """Read the parameters of an address; raise InvalidInputError that names the wrong one."""
        singles = {"issue_type", "ref", "since", "dedup", "page", "page_size"}
        values = {
            name: query.get(name) if name in singles else query.getlist(name) for name in query
        }
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise refusal(error.errors(include_url=False, include_input=False)[0]) from error


class RulesQuery(BaseModel):
    """One page of a policy's rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: Annotated[
        Text, StringConstraints(max_length=400), Field(description="As the page before gave it.")
    ] = ""
    limit: Annotated[int, Field(ge=1, le=2000)] = 500

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """Read the parameters of an address; raise InvalidInputError that names the wrong one."""
        try:
            return cls.model_validate(query.dict())
        except ValidationError as error:
            raise refusal(error.errors(include_url=False, include_input=False)[0]) from error


class TriageRequest(Filters):
    """A decision on the findings of `issue_ids`, or of the filters; given both, on both."""

    issue_type: Literal["sast", "sca", "secrets"]  # type: ignore[assignment]  # wider than the filter's
    issue_ids: Ids | None = None
    new_triage_state: Annotated[
        Literal["ignored", "reviewing", "fixing", "reopened", "open"] | None,
        Field(description="`open` means reopened."),
    ] = None
    new_triage_reason: Annotated[Reason | None, Field(description="Only with ignored.")] = None
    new_note: Annotated[Text, StringConstraints(max_length=3000)] | None = None
    limit: Annotated[int, Field(ge=1, le=3000, description="The newest are taken.")] = 3000

    @property
    def has_filter(self) -> bool:
        """Say whether any filter narrows what is triaged."""
        filters = Filters.model_fields.keys() - {"issue_type"}
        return any(getattr(self, name) for name in filters)

    @model_validator(mode="after")
    def _check_decision(self) -> Self:
        if self.new_triage_state is None and not (self.new_note or "").strip():
            raise _wrong("new_triage_state", "send a state, a new_note, or both")
        if self.new_triage_reason is not None and self.new_triage_state != "ignored":
            raise _wrong("new_triage_reason", "only `ignored` has a reason; leave it out")
        if self.issue_ids is None and not self.has_filter:
            raise _wrong("issue_ids", "choose findings by their ids, or by at least one filter")
        return self


def parameters_of(query: type[BaseModel]) -> list[OpenApiParameter]:
    """Return the parameters of a question, for the description of the API."""
    return [
        OpenApiParameter(
            name=name,
            type={key: value for key, value in schema.items() if key != "title"},
            description=schema.get("description", ""),
        )
        for name, schema in query.model_json_schema()["properties"].items()
    ]


def _wrong(field: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError(
        "wrong_together", "{sentence}", {"sentence": sentence, "field": field}
    )
