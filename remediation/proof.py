"""The evidence that a fix holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.semgrep.sandbox import Limits
from remediation.edits import EditRefusedError
from remediation.reasons import Reason


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What became of a candidate; `checks` in the order in which they ran."""

    key: str
    reason: Reason
    checks: tuple[Check, ...]
    detail: str

    @property
    def is_proven(self) -> bool:
        """Say whether every check ran and passed."""
        return self.reason is Reason.OK


def prove_all(candidates: Sequence[Candidate], *, limits: Limits | None = None) -> list[Proof]:
    """Prove each candidate or refuse it, in order; never raises for a bad candidate."""
    raise NotImplementedError
