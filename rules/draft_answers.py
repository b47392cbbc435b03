"""What a model may answer when it is asked for a rule."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_RULE_CHARACTERS = 20_000
MAX_LINES = 200

RuleText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_RULE_CHARACTERS)]
TestCode = Annotated[str, StringConstraints(max_length=MAX_RULE_CHARACTERS)]
LineNumber = Annotated[int, Field(ge=1, le=100_000)]


class DraftAnswer(BaseModel):
    """A rule, the lines of the bad code that it finds, and further test code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: RuleText
    bad_lines: Annotated[tuple[LineNumber, ...], Field(max_length=MAX_LINES)] = ()
    test_code: TestCode = ""
