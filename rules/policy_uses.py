"""Which policies have a rule, and with which mode."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules.models import Mode
from rules.policy_book import Book, PolicyPage, severer


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A rule in a policy; `is_own` where the policy names the rule itself."""

    page: PolicyPage
    mode: Mode
    is_own: bool


def uses_of(rule_id: int, book: Book) -> list[Use]:
    """Return the policies that have a rule, also those where it is disabled."""
    return [
        Use(page=page, mode=modes[rule_id], is_own=rule_id in page.own)
        for page, modes in ((page, book.modes_of(page)) for page in book.pages)
        if rule_id in modes
    ]


def modes_by_rule(book: Book) -> Mapping[int, Mode]:
    """Return the most severe mode of each rule over all policies; those in none are left out."""
    modes: dict[int, Mode] = {}
    for page in book.pages:
        for rule_id, mode in book.modes_of(page).items():
            modes[rule_id] = severer(modes.get(rule_id), mode)
    return modes
