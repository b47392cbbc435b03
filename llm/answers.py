"""The shape of an answer: told to the model as a JSON schema, and checked when it comes back."""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

AnswerT = TypeVar("AnswerT", bound=BaseModel)

# Servers differ in which bounds their grammars take, so the bounds are told in words instead,
# and our own parsing holds them.
BOUNDS_IN_WORDS = {
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "minItems": "At least {} items.",
    "maxItems": "At most {} items.",
    "minimum": "At least {}.",
    "maximum": "At most {}.",
    "exclusiveMinimum": "More than {}.",
    "exclusiveMaximum": "Less than {}.",
    "pattern": "Matches the regular expression {}",
}
LEFT_OUT = frozenset({"title", "default", "examples", "format", "uniqueItems", "multipleOf"})
MAX_ERRORS = 5
MAX_ERROR_CHARACTERS = 900
_FENCED = re.compile(r"```[A-Za-z0-9]{0,10}+[ \t]*+\n(.*?)\n?```", re.DOTALL)
_ESCAPED_NUL = re.compile(r"\\u0000", re.IGNORECASE)


class UnfitAnswerError(ValueError):
    """A model's text is not the answer that was asked for; the message says what is wrong."""


@functools.cache
def strict_schema(answer_type: type[BaseModel]) -> Mapping[str, Any]:
    """Return the JSON schema in the strict subset: closed objects, every property required."""
    schema = _strict(answer_type.model_json_schema())
    schema.pop("description", None)
    return schema


def instructions(answer_type: type[BaseModel]) -> str:
    """Return the words that ask for JSON, also for servers that cannot be told in other ways."""
    schema = json.dumps(strict_schema(answer_type), ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It fits this JSON schema:\n{schema}"


def _strict(node: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    strict = {
        name: _strict_value(name, value)
        for name, value in node.items()
        if name not in LEFT_OUT and name not in BOUNDS_IN_WORDS
    }
    words = [BOUNDS_IN_WORDS[name].format(node[name]) for name in BOUNDS_IN_WORDS if name in node]
    if words:
        strict["description"] = " ".join([*filter(None, [node.get("description")]), *words])
    if node.get("type") == "object":
        strict["required"] = list(node.get("properties", {}))
        strict["additionalProperties"] = False
    return strict


def _strict_value(name: str, value: Any) -> Any:
    if name in {"properties", "$defs"}:
        # The keys are names here, not words of the schema language.
        return {key: _strict(child) for key, child in value.items()}
    if isinstance(value, Mapping):
        return _strict(value)
    if isinstance(value, list) and name in {"anyOf", "allOf", "oneOf", "prefixItems"}:
        return [_strict(child) for child in value]
    return value


def parse_answer(text: str, answer_type: type[AnswerT]) -> AnswerT:
    """Return the answer in a model's text, which may stand in a Markdown fence or among words.

    Raises UnfitAnswerError with a sentence that the model can act on.
    """
    problem = "The answer is empty."
    # A NUL cannot be stored in the database.
    clean = _ESCAPED_NUL.sub(r"\\ufffd", text)
    for candidate in _candidates(clean):
        try:
            return answer_type.model_validate_json(candidate)
        except ValidationError as error:
            problem = _in_words(error)
    raise UnfitAnswerError(problem)


def _candidates(text: str) -> Iterator[str]:
    """Give the parts of a text that may be the JSON, the likeliest last.

    The last one tried is the one whose problem is told.
    """
    # Some local models think aloud first.
    answer = text.rpartition("</think>")[2].strip()
    if not answer:
        return
    first, last = answer.find("{"), answer.rfind("}")
    yield answer
    if fenced := _FENCED.search(answer):
        yield fenced[1]
    if 0 <= first < last and (first, last) != (0, len(answer) - 1):
        yield answer[first : last + 1]


def _in_words(error: ValidationError) -> str:
    problems = [
        f"at {'.'.join(map(str, problem['loc'])) or 'the top'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    told = "; ".join(problems[:MAX_ERRORS])
    return told[:MAX_ERROR_CHARACTERS]
