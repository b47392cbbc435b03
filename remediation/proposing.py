"""What a change request with a fix says of itself; pure.

The code host acts on plain text (`@ada`, `fixes #12`), so text that is not ours stands as code in
the description, and in title and message as plain words.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from core.escaping import code, link, words
from findings.models import Finding
from findings.titles import title_of_rule
from integrations.review_hosts import Proposal
from remediation.models import FixAttempt, FixRequest, RemedyOrigin

TITLE_LIMIT = 120
MESSAGE_LIMIT = 600
_WRITTEN_BY = {
    RemedyOrigin.MODEL: "The edit was written by AI.",
    RemedyOrigin.REUSED: "The edit was written by AI.",
    RemedyOrigin.RULE: "The edit comes from the rule.",
}


def branch_of(fix: FixAttempt, *, earlier: int) -> str:
    """Return the branch for a fix; `earlier`: how many requests with it have ended before."""
    name = f"assay/fix-{fix.finding_id}-{fix.pk}"
    return f"{name}-{earlier + 1}" if earlier else name


def proposal_of(*, request: FixRequest, finding: Finding, content: bytes, url: str) -> Proposal:
    """Return the change request to be opened; `content` is the fixed file, `url` the finding's."""
    fix = request.fix
    title = _title(finding, fix)
    return Proposal(
        branch=request.branch,
        base_ref=request.base_ref,
        path=fix.path,
        expected_hash=fix.content_hash,
        content=content,
        message=f"{title}\n\nProposed and proven by {settings.PRODUCT_NAME}.\n{url}",
        title=title,
        body=_body(finding, fix, url=url),
    )


def _title(finding: Finding, fix: FixAttempt) -> str:
    rule = title_of_rule(check_id=finding.rule.check_id, metadata=finding.rule.metadata)
    return f"Proposed change: {words(rule.lower())} in {words(fix.path.rpartition('/')[2])}"[
        :TITLE_LIMIT
    ].strip()


def _body(finding: Finding, fix: FixAttempt, *, url: str) -> str:
    begin = (
        f"{settings.PRODUCT_NAME} proposes this change, and has proven it as told below."
        " Review it as you would any other."
    )
    facts = [
        f"- Rule: {code(finding.rule.check_id)} ({finding.get_severity_display().lower()})",
        f"- Place: {code(f'{fix.path}:{fix.start_line}')}",
        f"- {link('The finding, with all that is known of it', url)}",
    ]
    confidence = f"Confidence: {fix.get_confidence_display().lower()}."
    parts = [
        begin,
        "### What it fixes",
        "\n".join(facts),
        code(finding.message, limit=MESSAGE_LIMIT),
        *_guidance(fix),
        "### How it was proven",
        _checks(fix.checks),
        f"{_WRITTEN_BY[RemedyOrigin(fix.origin)]} {confidence}",
    ]
    return "\n\n".join(part for part in parts if part)


def _guidance(fix: FixAttempt) -> list[str]:
    summary = fix.guidance.summary if fix.guidance else ""
    return ["### What it does", code(summary, limit=MESSAGE_LIMIT)] if summary else []


def _checks(checks: Sequence[dict[str, Any]]) -> str:
    marks = {True: "passed", False: "failed", None: "could not run"}
    return "\n".join(f"- {words(str(check['name']))}: {marks[check['ok']]}" for check in checks)
