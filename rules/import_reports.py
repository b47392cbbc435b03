"""What became of the rules of an import, as a value that the row keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from rules.candidates import Refusal
from rules.storing import Stored

MOST_REFUSALS = 500
LONGEST = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryReport:
    """What became of the rules, by path; of refusals, the first ones and how many there are."""

    imported: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    refused_count: int = 0
    tested_count: int = 0

    def as_mapping(self) -> dict[str, Any]:
        """Return plain values to be stored."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Return the report that was stored."""
        return cls(
            imported=tuple(values.get("imported", ())),
            updated=tuple(values.get("updated", ())),
            unchanged=tuple(values.get("unchanged", ())),
            refused=tuple(Refusal(**one) for one in values.get("refused", ())),
            refused_count=values.get("refused_count", 0),
            tested_count=values.get("tested_count", 0),
        )


def report_on(refused: Sequence[Refusal], stored: Stored | None = None) -> LibraryReport:
    """Return the report of what was refused and stored; refusals are cut to what a page holds."""
    return LibraryReport(
        imported=stored.imported if stored else (),
        updated=stored.updated if stored else (),
        unchanged=stored.unchanged if stored else (),
        refused=tuple(
            replace(one, place=one.place[:LONGEST], reason=one.reason[:LONGEST])
            for one in refused[:MOST_REFUSALS]
        ),
        refused_count=len(refused),
        tested_count=sum(bool(rule.test_code) for rule in stored.rules) if stored else 0,
    )
