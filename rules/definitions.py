"""What a rule of ours may say: an allow-list of keys, and what must hold of their values."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from core.errors import ProblemError

# Dots part names; none stands alone, so that an id can never walk through folders.
RULE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
MAX_ID_LENGTH = 400
MAX_LANGUAGES = 50
MAX_WORD_LENGTH = 20
MODES = ("search", "taint")
PRODUCTS = ("sast", "sca", "secrets")
# Left out on purpose: what fetches or joins other rules, sends requests (validators), reads
# lock files, or writes new files to scan (extract).
KEYS = frozenset(
    {
        "id",
        "message",
        "severity",
        "languages",
        "mode",
        "pattern",
        "patterns",
        "pattern-either",
        "pattern-regex",
        "pattern-sources",
        "pattern-propagators",
        "pattern-sanitizers",
        "pattern-sinks",
        "fix",
        "fix-regex",
        "metadata",
        "options",
        "paths",
        "min-version",
        "max-version",
        # What a rule of Supply Chain depends on.
        "r2c-internal-project-depends-on",
    }
)
# The same below the keys that hold patterns. `pattern-where-python`, which runs code, is none.
PATTERN_KEYS = frozenset(
    {
        "pattern",
        "patterns",
        "pattern-either",
        "pattern-regex",
        "pattern-not",
        "pattern-not-regex",
        "pattern-inside",
        "pattern-not-inside",
        "focus-metavariable",
        "metavariable-analysis",
        "metavariable-comparison",
        "metavariable-name",
        "metavariable-pattern",
        "metavariable-regex",
        "metavariable-type",
        "semgrep-internal-pattern-anywhere",
        "semgrep-internal-metavariable-name",
        # What these and the parts of taint rules say of themselves.
        "analyzer",
        "as",
        "at-exit",
        "base",
        "by-side-effect",
        "comparison",
        "constant-propagation",
        "control",
        "exact",
        "from",
        "kind",
        "label",
        "language",
        "metavariable",
        "module",
        "modules",
        "not-conflicting",
        "regex",
        "replace-labels",
        "requires",
        "strip",
        "to",
        "type",
        "types",
    }
)
# What the keys beside patterns may hold below them; all else is text, or metadata, which is free.
INNER_KEYS = {
    **dict.fromkeys((key for key in KEYS if key.startswith("pattern")), PATTERN_KEYS),
    "fix-regex": frozenset({"regex", "replacement", "count"}),
    "paths": frozenset({"include", "exclude"}),
    "r2c-internal-project-depends-on": frozenset(
        {"depends-on-either", "namespace", "package", "version"}
    ),
}


class RuleRefusedError(ProblemError):
    """A rule says something that we do not serve; `field` is its key, `line` where it stands."""

    code = "rule_refused"
    line: int | None = None


def check_definition(value: Any) -> dict[str, Any]:
    """Return the rule as a mapping fit to be stored; raise RuleRefusedError.

    What needs knowledge of languages and patterns is left to the scanner.
    """
    if not isinstance(value, dict):
        raise RuleRefusedError("A rule must be a mapping with an `id`.", field="rules")
    definition = {key: part for key, part in value.items() if part is not None}
    _check_id(definition.get("id"))
    _check_keys(definition)
    _check_inner_keys(definition)
    _check_words(definition)
    _check_metadata(definition.get("metadata", {}))
    return definition


def hash_definition(definition: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 of a rule, the same for any order of its keys."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_id(rule_id: Any) -> None:
    if not isinstance(rule_id, str) or not rule_id:
        raise RuleRefusedError("id: the rule has none; give it a text of its own.", field="id")
    if len(rule_id) > MAX_ID_LENGTH or not RULE_ID.fullmatch(rule_id):
        raise RuleRefusedError(
            f"id: use at most {MAX_ID_LENGTH} letters, digits, `_` and `-`, with single dots"
            " between them.",
            field="id",
        )


def _check_keys(definition: Mapping[str, Any]) -> None:
    mode = definition.get("mode", "search")
    if mode not in MODES:
        raise RuleRefusedError(
            f"mode: {mode!r} is not served; write the rule as `search` or `taint`.", field="mode"
        )
    unknown = sorted(set(definition) - KEYS)
    if unknown:
        raise RuleRefusedError(
            f"{unknown[0]}: rules here do not have this key; remove it, or move it below"
            " `metadata` if it only describes the rule.",
            field=unknown[0],
        )


def _check_inner_keys(definition: Mapping[str, Any]) -> None:
    for key, allowed in INNER_KEYS.items():
        waiting = [(key, definition.get(key))]
        while waiting:
            place, value = waiting.pop()
            if isinstance(value, dict):
                unknown = sorted(set(map(str, value)) - allowed)
                if unknown:
                    raise RuleRefusedError(
                        f"{place}.{unknown[0]}: rules here do not have this key in this place;"
                        " remove it.",
                        field=f"{place}.{unknown[0]}",
                    )
                waiting += [(f"{place}.{name}", part) for name, part in value.items()]
            elif isinstance(value, list):
                waiting += [(f"{place}.{index}", part) for index, part in enumerate(value)]


def _check_words(definition: Mapping[str, Any]) -> None:
    languages = definition.get("languages")
    if (
        not isinstance(languages, list)
        or not 0 < len(languages) <= MAX_LANGUAGES
        or not all(_is_word(language) for language in languages)
    ):
        raise RuleRefusedError(
            "languages: name the rule's languages in a list, like `[python]`.", field="languages"
        )
    if not _is_word(definition.get("severity")):
        raise RuleRefusedError(
            "severity: the rule has none; use LOW, MEDIUM, HIGH or CRITICAL.", field="severity"
        )
    message = definition.get("message")
    if not isinstance(message, str) or not message.strip():
        raise RuleRefusedError(
            "message: the rule has none; say what is wrong and what to do.", field="message"
        )


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_WORD_LENGTH


def _check_metadata(metadata: Any) -> None:
    if not isinstance(metadata, dict):
        raise RuleRefusedError(
            "metadata: it must be a mapping; give each of its values a key.", field="metadata"
        )
    product = metadata.get("product", "sast")
    if product not in PRODUCTS:
        raise RuleRefusedError(
            f"metadata.product: {product!r} is unknown; use sast, sca or secrets, or leave it out.",
            field="metadata.product",
        )
