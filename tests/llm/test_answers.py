"""The schema that is told, and the texts that come back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.answers import UnfitAnswerError, instructions, parse_answer, strict_schema
from tests.llm.questions import GOOD, Judgment


def test_the_schema_is_closed_and_its_bounds_are_told_in_words():
    assert strict_schema(Judgment) == {
        "$defs": {
            "Quote": {
                "additionalProperties": False,
                "properties": {
                    "text": {
                        "type": "string",
                        "description": "At least 1 characters. At most 200 characters.",
                    },
                    "line": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
                "required": ["text", "line"],
                "type": "object",
            }
        },
        "additionalProperties": False,
        "properties": {
            "conclusion": {"enum": ["true_positive", "needs_review"], "type": "string"},
            "confidence": {
                "type": "number",
                "description": "How sure. At least 0. At most 1.",
            },
            "quotes": {
                "items": {"$ref": "#/$defs/Quote"},
                "type": "array",
                "description": "At most 3 items.",
            },
        },
        "required": ["conclusion", "confidence", "quotes"],
        "type": "object",
    }


def test_the_words_hold_the_schema():
    first, schema = instructions(Judgment).split("\n")

    assert first == "Answer with one JSON object and nothing else. It fits this JSON schema:"
    assert json.loads(schema) == strict_schema(Judgment)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The answer is empty."),
        ("  \n", "The answer is empty."),
        ("yes", "at the top: Invalid JSON: expected value at line 1 column 1"),
        (
            '{"conclusion": "needs_review"}',
            "at confidence: Field required; at quotes: Field required",
        ),
        (json.dumps({**GOOD, "conclusion": "safe"}), "at conclusion: Input should be"),
        (json.dumps({**GOOD, "quotes": [{"text": ""}]}), "at quotes.0.text: String should have"),
        ('{"a":' * 5000, "at the top: Invalid JSON: recursion limit"),
    ],
)
def test_an_unfit_answer_is_told_where_it_is_wrong(text, problem):
    with pytest.raises(UnfitAnswerError) as caught:
        parse_answer(text, Judgment)

    assert str(caught.value).startswith(problem)


def test_the_problem_stays_short():
    with pytest.raises(UnfitAnswerError) as caught:
        parse_answer(json.dumps({f"key{'x' * 300}{n}": 1 for n in range(50)}), Judgment)

    assert len(str(caught.value)) <= 900


@given(st.text())
def test_any_text_is_an_answer_or_an_unfit_one(text):
    with pytest.raises(UnfitAnswerError):
        parse_answer(text, Judgment)


@given(st.text(alphabet="ab {}`\n"), st.text(alphabet="ab `\n"))
def test_a_fenced_answer_is_found_in_any_prose_without_braces(before, after):
    text = f"{before.replace('{', '').replace('}', '')}\n```json\n{json.dumps(GOOD)}\n```\n"
    text += after

    assert parse_answer(text, Judgment) == Judgment(**GOOD)
