"""One rule from a text, and what is refused of it, with its line."""

import pytest

from core.errors import InvalidInputError
from rules.definitions import RuleRefusedError
from rules.documents import RuleFileError
from rules.texts import MAX_TEXT_CHARACTERS, read_one_rule

RULE = """\
rules:
  - id: no-eval
    languages: [python]
    severity: HIGH
    message: Do not call eval.
    pattern: eval($X)
"""
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, one in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_a_rule_is_read_from_a_text():
    assert read_one_rule(RULE) == {
        "id": "no-eval",
        "languages": ["python"],
        "severity": "HIGH",
        "message": "Do not call eval.",
        "pattern": "eval($X)",
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "a mapping with the key `rules`"),
        ("rules: [", 1, "not plain YAML"),
        (RULE + "   bad: [\n", 7, "not plain YAML"),
        ("rules: []\n", None, "at least one rule"),
        (BOMB + RULE, 6, "unfolds to more than"),
        ("rules: &a [*a]\n", 1, "unfolds to more than"),
        ("rules:\n  - !!python/object/apply:os.system [ls]\n", 2, "the tag"),
        (RULE + RULE.partition("\n")[2].replace("no-eval", "other"), 7, "It has 2 rules"),
        (RULE + RULE.partition("\n")[2], 7, "two rules with one id"),
        (RULE + "    pattern: f()\n", 7, "stands twice"),
    ],
)
def test_a_text_that_is_not_one_rule_is_refused_with_its_line(text, line, words):
    with pytest.raises(RuleFileError, match=words) as refusal:
        read_one_rule(text)

    assert refusal.value.line == line


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("id: no-eval", "id: ../../etc/passwd"), 2, "^id: use at most"),
        (("[python]", "python"), 3, "^languages: "),
        (("severity: HIGH", "severity: [HIGH]"), 4, "^severity: "),
        (("pattern: eval($X)", "mode: join\n    join: {rules: []}"), 6, "'join' is not served"),
        (("pattern: eval($X)", "mode: extract"), 6, "'extract' is not served"),
        (("pattern: eval($X)", "pattern: f()\n    validators: []"), 7, "^validators: "),
        (("pattern: eval($X)", "patterns:\n      - include: a.yml"), 7, "^patterns.0.include: "),
    ],
)
def test_a_rule_that_is_refused_names_its_line(change, line, words):
    with pytest.raises(RuleRefusedError, match=words) as refusal:
        read_one_rule(RULE.replace(*change))

    assert refusal.value.line == line


@pytest.mark.parametrize("text", ["x" * (MAX_TEXT_CHARACTERS + 1), RULE + "\0", RULE + "\ud800"])
def test_a_text_that_cannot_be_kept_is_refused(text):
    with pytest.raises(InvalidInputError, match=r"^text: the rule has "):
        read_one_rule(text)
