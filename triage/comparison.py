"""Two runs of an evaluation side by side; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from findings.models import Conclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A finding of which two judges said different things."""

    finding_id: int
    label: Conclusion
    before: Conclusion
    after: Conclusion

    @property
    def is_better(self) -> bool | None:
        """Whether the second judge is right where the first was not; None where neither is."""
        if self.after == self.label:
            return True
        return False if self.before == self.label else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two runs say of the findings that both have judged."""

    shared: int
    differences: tuple[Difference, ...]

    @property
    def better(self) -> int:
        """How many findings only the second judge got right."""
        return sum(one.is_better is True for one in self.differences)

    @property
    def worse(self) -> int:
        """How many findings only the first judge got right."""
        return sum(one.is_better is False for one in self.differences)


def compare(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Comparison:
    """Compare results; findings of one run alone, or with another label, are left out."""
    earlier = {
        (one["finding_id"], one["label"]): one["verdict"] for one in before if _is_judged(one)
    }
    pairs = [
        Difference(
            finding_id=one["finding_id"],
            label=Conclusion(one["label"]),
            before=Conclusion(earlier[one["finding_id"], one["label"]]),
            after=Conclusion(one["verdict"]),
        )
        for one in after
        if _is_judged(one) and (one["finding_id"], one["label"]) in earlier
    ]
    return Comparison(
        shared=len(pairs),
        differences=tuple(pair for pair in pairs if pair.before != pair.after),
    )


def _is_judged(result: Mapping[str, Any]) -> bool:
    return "verdict" in result
