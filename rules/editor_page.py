"""What the templates of the editor read."""

from typing import Any

from rules.models import Mode, Rule
from rules.opening import Opened
from rules.policy_book import read_book
from rules.starters import STARTERS
from tenants.permissions import MemberRequest, Permission, may


def page_context(request: MemberRequest, opened: Opened) -> dict[str, Any]:
    """Return what the page shows of what was opened; who may not change rules gets it read-only."""
    context = {
        "opened": opened,
        "is_readonly": not may(request.member, Permission.MANAGE_RULES),
        "starters": STARTERS.values(),
        **trial_context(opened),
    }
    if opened.rule is not None:
        context |= {"rule": opened.rule, **policies_context(opened.rule)}
    return context


def trial_context(opened: Opened) -> dict[str, Any]:
    """Return what the panel of a run shows."""
    return {
        "trial_id": opened.trial_id,
        "is_live": opened.is_live,
        "is_running": opened.is_running,
        "run": opened.run,
    }


def policies_context(rule: Rule) -> dict[str, Any]:
    """Return the policies, and what the rule leads to in each; constant queries."""
    book = read_book()
    modes = [(page, book.modes_of(page).get(rule.pk)) for page in book.pages]
    return {
        "policies": book.pages,
        "places": [(page, Mode(mode).label) for page, mode in modes if mode is not None],
        "modes": Mode.choices,
    }
