"""What a scan means for the state of findings: new, back again, fixed, removed, or untouched.

A state belongs to a finding's instance on one ref. Only a full scan closes, and only what it has
looked at; what it has not looked at proves nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass

from findings.models import Product, State

LIVE = frozenset({State.UNRESOLVED, State.MUTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a full scan looked at; `rule_ids` and `searched_paths`: None where it does not say."""

    searched_paths: Collection[str] | None
    skipped_paths: Collection[str]
    rule_ids: Collection[str] | None
    names_all_rules: bool
    products: Collection[str]

    @property
    def closes_nothing(self) -> bool:
        """Whether no rule ran at all: an empty repository, or no rules served."""
        return self.rule_ids is not None and not self.rule_ids

    def state_of_gone(self, *, check_id: str, product: str, path: str) -> State | None:
        """Return the new state of an open finding that was not reported; None: as it was.

        Fixed: the rule ran on the file and found nothing. Removed: the rule is off, or the file
        is gone, renamed or ignored, which look the same.
        """
        if self.closes_nothing or path in self.skipped_paths:
            return None
        if self.rule_ids is not None and check_id not in self.rule_ids:
            is_rule_off = self.names_all_rules and product in self.products
            return State.REMOVED if is_rule_off else None
        # Dependencies are read from files that need not be targets of any rule.
        if product == Product.SCA or self.searched_paths is None or path in self.searched_paths:
            return State.FIXED
        return State.REMOVED


def is_live(state: str) -> bool:
    """Say whether the scanner still sees it."""
    return state in LIVE


def reported_state(*, is_muted: bool) -> State:
    """Return the state of what was reported."""
    return State.MUTED if is_muted else State.UNRESOLVED
