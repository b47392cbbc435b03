"""What a recommended task is called, and why it is one; pure."""

from datetime import datetime
from typing import Any

from findings.models import Product
from findings.titles import title_of_rule
from insights.priorities import Bundle

LONGEST_TITLE = 200
LONGEST_RATIONALE = 500
LONGEST_NAME = 120
LONGEST_FOLDER = 60
_OLD_AFTER_DAYS = 2


def title_of(bundle: Bundle, *, check_id: str, metadata: Any) -> str:
    """Return the task's name: what to do, and where."""
    rule = title_of_rule(check_id=check_id, metadata=metadata)
    if bundle.product == Product.SCA:
        is_package = bundle.remedy != check_id
        what = f"Upgrade {_cut(bundle.remedy)}" if is_package else f"Upgrade past: {rule}"
    elif bundle.product == Product.SECRETS:
        what = f"Revoke and replace: {rule}"
    else:
        what = f"Fix: {rule}"
    return f"{what}{_where(bundle)}"[:LONGEST_TITLE]


def rationale_of(bundle: Bundle, *, now: datetime) -> str:
    """Return impact and effort, in words."""
    return f"Impact: {_impact(bundle, now)}. Effort: {_effort(bundle)}."[:LONGEST_RATIONALE]


def _where(bundle: Bundle) -> str:
    if bundle.files == 1:
        return f" in {_cut_front(bundle.sample_path)}"
    return f" in {_cut_front(bundle.folder)}" if bundle.folder else ""


def _impact(bundle: Bundle, now: datetime) -> str:
    parts = [_severity(bundle)]
    if bundle.real:
        parts.append(f"{bundle.real} judged real")
    if bundle.component:
        parts.append(f"{bundle.component} code")
    days = (now - bundle.oldest).days
    if days >= _OLD_AFTER_DAYS:
        oldest = "open" if bundle.findings == 1 else "the oldest open"
        parts.append(f"{oldest} for {days} days")
    return ", ".join(parts)


def _severity(bundle: Bundle) -> str:
    total = bundle.findings
    for count, word in ((bundle.criticals, "critical"), (bundle.highs, "high")):
        if count:
            return f"1 {word} finding" if total == 1 else f"{count} of {total} {word}"
    return "1 medium finding" if total == 1 else f"{total} medium"


def _effort(bundle: Bundle) -> str:
    if bundle.product == Product.SCA:
        return "one dependency upgrade"
    if bundle.product == Product.SECRETS:
        one = "one secret to revoke, in one file"
        return one if bundle.findings == 1 else f"{bundle.findings} places to clean"
    if bundle.findings == 1:
        return "one place in one file"
    files = "one file" if bundle.files == 1 else f"{bundle.files} files"
    return f"{bundle.findings} places in {files}, one kind of change"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def _cut_front(path: str) -> str:
    return path if len(path) <= LONGEST_FOLDER else f"…{path[1 - LONGEST_FOLDER :]}"
