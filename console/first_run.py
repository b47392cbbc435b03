"""What leads a new organization to its first scan."""

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.overview import usable_connections
from rules.policies import is_any_served
from tenants.models import ApiToken, TokenKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """One thing to do before there is a figure; `key` names the link that the page offers."""

    key: str
    title: str
    detail: str
    is_done: bool


def first_steps() -> Sequence[FirstStep]:
    """Return the steps to the first scan, in their order."""
    return [
        FirstStep(
            key="connection",
            title="Connect a code host",
            detail="Then findings show their code, and developers hear of them in their change"
            " requests. A scan arrives without it, too.",
            is_done=usable_connections().exists(),
        ),
        FirstStep(
            key="rules",
            title="Choose what scans look for",
            detail="Rules of your own, or those that come with the platform.",
            is_done=is_any_served(),
        ),
        FirstStep(
            key="token",
            title="Make a CI token",
            detail="With it the scanner reports to us.",
            is_done=ApiToken.objects.filter(kind=TokenKind.CI, revoked_at=None).exists(),
        ),
        FirstStep(
            key="scan",
            title="Run the first scan",
            detail="In your pipeline, or here and now in a checkout of a repository.",
            is_done=False,
        ),
    ]
