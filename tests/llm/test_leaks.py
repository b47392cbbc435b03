"""A model that writes down what it was told to do."""

import pytest

from llm.leaks import quotes_prompt
from remediation.rendering import REMEDY_PROMPT
from triage.rendering import JUDGE_PROMPT

SENTENCE = (
    'A wrong "false_positive" hides a hole; a wrong "needs_review" costs a person a minute. When'
)


@pytest.mark.parametrize(
    "text",
    [
        JUDGE_PROMPT.system,
        f"Reviewed. My rules: {SENTENCE}.",
        f"> {SENTENCE[:50]}\n> **{SENTENCE[50:]}**",
        SENTENCE.upper(),
        "\u200b".join(SENTENCE),
    ],
)
def test_eighty_characters_of_a_prompt_are_a_quote_of_it(text):
    assert len(SENTENCE) < 100
    assert quotes_prompt(text, prompts=(REMEDY_PROMPT, JUDGE_PROMPT))


@pytest.mark.parametrize("start", range(0, 2000, 37))
def test_any_eighty_characters_are_enough(start):
    assert quotes_prompt(JUDGE_PROMPT.system[start : start + 80], prompts=(JUDGE_PROMPT,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bind `name` as a query parameter.",
        "Follow the data from where it enters to the matched code.",
        "The value is converted to a number before it is used, so it cannot hold a quote. " * 5,
    ],
)
def test_what_is_said_in_own_words_is_none(text):
    assert not quotes_prompt(text, prompts=(JUDGE_PROMPT, REMEDY_PROMPT))


def test_a_quote_of_another_prompt_is_not_looked_for():
    assert not quotes_prompt(SENTENCE, prompts=(REMEDY_PROMPT,))
