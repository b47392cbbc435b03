"""Lines of a batch file to candidates, and proofs back to lines; pure."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from remediation.candidates import Candidate, Check
from remediation.edits import EditRefusedError
from remediation.patches import apply_patch, read_patch
from remediation.proof import Proof
from remediation.reasons import Reason
from rules.yaml_values import PlainLoader, UnsafeYamlError, refuse_bombs

READABLE = "readable"


class UnreadableLineError(ValueError):
    """A line is not what a batch holds; `key` is its id where that can be read."""

    def __init__(self, detail: str, *, key: Any = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.key = key


class _Line(BaseModel):
    """One candidate, as a line of a batch file has it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str | int
    rules: str | list[dict[str, Any]] | dict[str, Any]
    rule_id: str
    path: str
    original: str
    patch: str
    start_line: int | None = None
    end_line: int | None = None


def read_line(text: str) -> tuple[str | int, Candidate]:
    """Return a line's id and its candidate; raise UnreadableLineError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableLineError("The line is not JSON.") from error
    key = value.get("id") if isinstance(value, dict) else None
    try:
        line = _Line.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the line"
        raise UnreadableLineError(f"{place}: {first['msg']}.", key=key) from error
    return line.id, _candidate(line)


def _candidate(line: _Line) -> Candidate:
    patched, refusal = None, None
    try:
        patched = apply_patch(original=line.original, path=line.path, patch=read_patch(line.patch))
    except EditRefusedError as error:
        refusal = error
    return Candidate(
        key=str(line.id),
        path=line.path,
        original=line.original,
        patched=patched,
        refusal=refusal,
        rules=_rules(line),
        rule_id=line.rule_id,
        start_line=line.start_line,
        end_line=line.end_line,
    )


def _rules(line: _Line) -> Sequence[Mapping[str, Any]]:
    if isinstance(line.rules, str):
        try:
            value = _parse(line.rules)
        except (yaml.YAMLError, UnsafeYamlError, ValueError, RecursionError) as error:
            raise UnreadableLineError("rules: It is not plain YAML.", key=line.id) from error
    else:
        value = line.rules
    rules = value.get("rules") if isinstance(value, dict) else value
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise UnreadableLineError("rules: It has no list `rules` of mappings.", key=line.id)
    return rules


@functools.lru_cache(maxsize=256)
def _parse(text: str) -> Any:
    refuse_bombs(text)
    loader = PlainLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def line_of_proof(key: Any, proof: Proof) -> str:
    """Return the line that answers for a candidate."""
    return _line(key, proof.reason, proof.checks)


def line_of_problem(problem: UnreadableLineError) -> str:
    """Return the line that answers for one that could not be read."""
    checks = [Check(name=READABLE, ok=None, detail=problem.detail)]
    return _line(problem.key, Reason.CHECK_FAILED, checks)


def _line(key: Any, reason: Reason, checks: Sequence[Check]) -> str:
    return json.dumps(
        {
            "id": key,
            "verdict": "proven" if reason is Reason.OK else "refused",
            "reason": reason.value,
            "checks": [
                {"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks
            ],
        }
    )
