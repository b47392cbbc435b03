"""The text of a rule: as people wrote it, or written out from its definition; pure."""

import contextlib
import re
from collections.abc import Mapping
from typing import Any

import yaml

from rules.annotations import read_comment
from rules.yaml_values import PlainLoader

# The database forgets the order of keys: what a reader wants to know first, first.
ORDER = (
    "id",
    "languages",
    "severity",
    "message",
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
)
_PLACES = {key: place for place, key in enumerate(ORDER)}
_WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Puts into quotes what any reader of YAML could take for something else than text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {
        sign: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(sign, []),
            *PlainLoader.yaml_implicit_resolvers.get(sign, []),
        ]
        for sign in {
            *yaml.SafeDumper.yaml_implicit_resolvers,
            *PlainLoader.yaml_implicit_resolvers,
        }
    }

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 the signature is PyYAML's
        """Write out everything where it stands."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def write_out(definition: Mapping[str, Any]) -> str:
    """Return a rule as YAML that reads back as the same rule."""
    keys = sorted(definition, key=lambda key: (_PLACES.get(key, len(ORDER)), key))
    rule = {key: definition[key] for key in keys}
    written: str = yaml.dump(
        {"rules": [rule]}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    return written


def with_id(text: str, rule_id: str) -> str:
    """Return the text of one rule, which has been read before, with another id.

    Where more than the id stands in its place (an alias names it elsewhere), the rule is written
    out instead.
    """
    node: Any = yaml.compose(text, Loader=PlainLoader)
    rule = next(value for key, value in node.value if key.value == "rules").value[0]
    value = next(value for key, value in rule.value if key.value == "id")
    changed = f"{text[: value.start_mark.index]}{rule_id}{text[value.end_mark.index :]}"
    wanted = {**_read(text)["rules"][0], "id": rule_id}
    with contextlib.suppress(yaml.YAMLError):
        if _read(changed) == {"rules": [wanted]}:
            return changed
    return write_out(wanted)


def _read(text: str) -> Any:
    return yaml.load(text, Loader=PlainLoader)  # noqa: S506 it is a safe loader


def with_id_in_tests(test_code: str, *, old: str, new: str) -> str:
    """Return test code whose comments speak of `new` where they spoke of `old`.

    A comment may name a rule by the last part of its id alone, as `compare` takes it.
    """
    return "\n".join(_renamed(line, old, new) for line in test_code.split("\n"))


def _renamed(line: str, old: str, new: str) -> str:
    found = read_comment(line)
    olds = {old, old.rpartition(".")[2]}
    if found is None or olds.isdisjoint(found.rule_ids):
        return line
    names = ", ".join(new if name in olds else name for name in found.rule_ids)
    return f"{found.head} {names} {found.end}".rstrip()
