"""What a change request with a fix says of itself; pure.

The code host acts on plain text (`@ada`, `fixes #12`), so text that is not ours stands as code in
the description, and in title and message as plain words.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from core.redaction import redact
from findings.models import Finding
from findings.titles import title_of_rule
from integrations.review_hosts import Proposal
from remediation.models import FixAttempt, FixRequest, RemedyOrigin

TITLE_LIMIT = 120
MESSAGE_LIMIT = 600
_ACTING = re.compile(r"[^\w ./-]+")
# `GH-12` and `SHOP-12` are issues; words in lower case are not, but for the first.
_GH = re.compile(r"\bgh-(?=\d)")
_BACKTICKS = re.compile(r"`+")
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
    return f"Proposed change: {_words(rule.lower())} in {_words(fix.path.rpartition('/')[2])}"[
        :TITLE_LIMIT
    ].strip()


def _words(text: str) -> str:
    """Return text in one line, of letters, digits and what acts nowhere."""
    return " ".join(_GH.sub("gh ", _ACTING.sub(" ", redact(text))).split())


def _body(finding: Finding, fix: FixAttempt, *, url: str) -> str:
    begin = (
        f"{settings.PRODUCT_NAME} proposes this change, and has proven it as told below."
        " Review it as you would any other."
    )
    facts = [
        f"- Rule: {_code(finding.rule.check_id)} ({finding.get_severity_display().lower()})",
        f"- Place: {_code(f'{fix.path}:{fix.start_line}')}",
        f"- [The finding, with all that is known of it]({url})",
    ]
    confidence = f"Confidence: {fix.get_confidence_display().lower()}."
    parts = [
        begin,
        "### What it fixes",
        "\n".join(facts),
        _code(finding.message),
        *_guidance(fix),
        "### How it was proven",
        _checks(fix.checks),
        f"{_WRITTEN_BY[RemedyOrigin(fix.origin)]} {confidence}",
    ]
    return "\n\n".join(part for part in parts if part)


def _guidance(fix: FixAttempt) -> list[str]:
    summary = fix.guidance.summary if fix.guidance else ""
    return ["### What it does", _code(summary)] if summary else []


def _checks(checks: Sequence[dict[str, Any]]) -> str:
    marks = {True: "passed", False: "failed", None: "could not run"}
    return "\n".join(f"- {_words(str(check['name']))}: {marks[check['ok']]}" for check in checks)


def _code(text: str) -> str:
    """Return foreign text as code inside a line, each character of it visible."""
    line = " ".join("".join(map(_shown, redact(text[:MESSAGE_LIMIT]))).split())
    line = line.replace("<!--", "<! --")
    if not line:
        return ""
    fence = "`" * (max(map(len, _BACKTICKS.findall(line)), default=0) + 1)
    pad = " " if "`" in (line[0], line[-1]) else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    acts = unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"}
    return f"[U+{ord(character):04X}]" if acts else character
