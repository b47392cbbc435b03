"""The text of one rule, as people write it in the editor, to the rule."""

from typing import Any

import yaml

from core.errors import InvalidInputError
from rules.definitions import RuleRefusedError, check_definition
from rules.documents import FoundRule, RuleFileError, parse_rules
from rules.yaml_values import PlainLoader

MAX_TEXT_CHARACTERS = 200_000
MAX_TEST_CHARACTERS = 200_000
# What a place in a text without a file is called.
PLACE = "line"


def read_one_rule(text: str) -> dict[str, Any]:
    """Return the one rule that `text` holds in a `rules` list, checked and fit to be stored.

    Raises RuleFileError for a text that is not plain YAML with one rule, and RuleRefusedError for
    a rule that says what we do not serve; both with the `line`, 1-based, where it is known.
    """
    check_size(text, field="text", what="the rule", most=MAX_TEXT_CHARACTERS)
    found = _parse(text)
    if len(found) > 1:
        raise RuleFileError(_too_many(found), place=PLACE, line=found[1].line)
    try:
        return check_definition(found[0].value)
    except RuleRefusedError as error:
        error.line = line_of(text, error.field) or found[0].line
        raise


def _parse(text: str) -> list[FoundRule]:
    try:
        return parse_rules(text, file=PLACE)
    except RuleFileError as error:
        if error.line is not None:
            # What is missing at the end is missed one line below it.
            error.line = min(error.line, max(1, len(text.splitlines())))
        raise


def check_size(text: str, *, field: str, what: str, most: int) -> None:
    """Raise InvalidInputError for a text that is too long or cannot be stored."""
    if len(text) > most:
        raise InvalidInputError(
            f"{field}: {what} has {len(text):,} characters; use at most {most:,}.", field=field
        )
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise InvalidInputError(
            f"{field}: {what} has a NUL or half a character in it; remove it.", field=field
        )


def _too_many(found: list[FoundRule]) -> str:
    ids = [rule.value.get("id") if isinstance(rule.value, dict) else None for rule in found]
    if len(set(map(str, ids))) < len(ids):
        return "It has two rules with one id: leave one of them in the text."
    return f"It has {len(found)} rules: leave one here, and give the others a text of their own."


def line_of(text: str, field: str | None) -> int | None:
    """Return the line of a key of the first rule, like `patterns.0.pattern`, or of its parent.

    `text` has been parsed before: it is safe, and a mapping with a list `rules`.
    """
    node = _child(_child(yaml.compose(text, Loader=PlainLoader), "rules")[1], "0")[1]
    line = None
    for step in (field or "").split("."):
        found, node = _child(node, step)
        if found is None:
            return line
        line = found.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, step: str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """Return where a child is named, and the child: by key, or by its place in a list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        return node.value[int(step)], node.value[int(step)]
    return None, None
