"""What is to be proven, and one step of the proof: plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remediation.edits import EditRefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One step of a proof; `ok` is None where it could not run, and `detail` says why."""

    name: str
    ok: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A change of one file that is said to end one finding.

    `patched` is None where `refusal` says why the change could not be made. `start_line` and
    `end_line` (1-based, inclusive) are the finding's; None where only its rule is known.
    """

    key: str
    path: str
    original: str
    patched: str | None
    rules: Sequence[Mapping[str, Any]]
    rule_id: str
    start_line: int | None = None
    end_line: int | None = None
    refusal: EditRefusedError | None = None
