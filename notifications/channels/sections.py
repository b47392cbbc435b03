"""The parts of a comment on one finding, as Markdown; each is blank where it has nothing to say."""

from collections.abc import Sequence

from core.escaping import code, code_block, cut, link, plain, visible
from core.redaction import redact
from findings.models import Status
from notifications.channels.dialects import Dialect, Links
from notifications.channels.markdown import details, line, prose, quoted
from notifications.channels.suggestions import difference, suggestion_block
from notifications.facts import CheckFacts, FindingNotice, Step
from remediation.steps import (
    APPLIES,
    CHANGES_CODE,
    NO_LONGER_FIRES,
    NO_SUPPRESSION,
    NOTHING_DELETED,
    NOTHING_NEW,
    ONE_FILE,
    PARSES,
    SIZE,
)

MOST_QUOTES = 2
LONGEST_QUOTE = 400
MOST_STEPS = 20
_ROLES = {"source": "Source", "sink": "Sink", "call": "Call", "step": "Step"}
_CHECKS = {
    APPLIES: "it applies",
    ONE_FILE: "it changes one file alone",
    SIZE: "it is small",
    NO_SUPPRESSION: "it silences no scanner",
    CHANGES_CODE: "it changes code, not only comments",
    PARSES: "the file still parses",
    NOTHING_DELETED: "it deletes nothing that is needed",
    NO_LONGER_FIRES: "the rule no longer matches",
    NOTHING_NEW: "no other rule matches anew",
}
_IN_HAND = {Status.REVIEWING: " · being reviewed", Status.FIXING: " · to fix"}
_CLOSED = {
    Status.FIXED: "Fixed",
    Status.IGNORED: "Ignored",
    Status.PROVISIONALLY_IGNORED: "Provisionally ignored",
    Status.REMOVED: "No longer reported",
}
_WHY_CLOSED = {
    Status.FIXED: "The newest scan of this change does not find it any more.",
    Status.REMOVED: (
        "The rule is off, the file is gone, or this change was closed without being merged."
    ),
    Status.PROVISIONALLY_IGNORED: (
        "The verdict is that it may be safe to ignore, and it stays so until a person says"
        " otherwise."
    ),
}


def header(notice: FindingNotice) -> str:
    """Return the line that says what it is and how bad, with what blocks below it."""
    words = _CLOSED.get(notice.status) or ", ".join(_urgency(notice))
    title = plain(notice.title)
    head = f"{words}: {title}" if words else title
    facts = f"{notice.severity.label} severity · mode: {notice.mode.label.lower()}"
    parts = [f"**{head}** · {facts}{_IN_HAND.get(notice.status, '')}"]
    if notice.is_open and notice.is_blocking:
        parts.append("Merging is blocked until this is fixed or triaged.")
    return "\n\n".join(parts)


def closing(notice: FindingNotice) -> str:
    """Return why a finding is closed, and by whom."""
    if notice.status != Status.IGNORED:
        return _WHY_CLOSED.get(notice.status, "")
    decision = notice.decision
    if decision.is_in_code:
        return "A comment in the code mutes it."
    who = f"By {plain(decision.who, limit=100)}" if decision.who else "By a decision on its page"
    why = f": {decision.reason.label.lower()}." if decision.reason else "."
    note = plain(decision.note, limit=500)
    return f"{who}{why}" + (f"\n\n> {note}" if note else "")


def description(notice: FindingNotice) -> str:
    """Return the rule's message."""
    return prose(notice.message, links=notice.references)


def why_safe(notice: FindingNotice) -> str:
    """Return why it may be safe to ignore, with the code that the verdict leans on."""
    verdict = notice.verdict
    if verdict is None or not notice.is_maybe_safe:
        return ""
    reason = prose(verdict.reason, limit=1500)
    quotes = [cut(visible(redact(quote)), LONGEST_QUOTE) for quote in verdict.quotes[:MOST_QUOTES]]
    blocks = [code_block(quote) for quote in quotes if quote.strip()]
    return quoted("\n\n".join(["**Why it may be safe to ignore**", reason, *blocks]))


def data_flow(notice: FindingNotice, links: Links) -> str:
    """Return the way from the source to the sink, collapsed, with a link to each line."""
    steps = notice.trace
    if not steps:
        return ""
    shown, left_out = _ends(_without_repeats(steps))
    items = [f"- {_ROLES.get(step.role, 'Step')}: {_place(step, links)}" for step in shown]
    if left_out:
        items.insert(MOST_STEPS // 2, f"- … {left_out} steps are left out …")
    number = len(shown) + left_out
    count = "1 step" if number == 1 else f"{number} steps"
    return details(f"Data flow: {count}", "\n".join(items))


def remedy(notice: FindingNotice) -> str:
    """Return in one line how to make it go away, or that this is still to come."""
    if notice.guidance is not None:
        return f"**How to fix it:** {line(notice.guidance.summary)}"
    if notice.is_being_analyzed and notice.is_open:
        return "*It is being analyzed; guidance follows here.*"
    return ""


def fix(notice: FindingNotice, *, dialect: Dialect, has_suggestion: bool) -> str:
    """Return the proven fix: to be applied with a click where that is possible, else to read."""
    if notice.fix is None:
        return ""
    block = suggestion_block(notice, dialect=dialect) if has_suggestion else ""
    if block:
        return block
    return details("A proven fix, to apply by hand", difference(notice.fix))


def steps(notice: FindingNotice) -> str:
    """Return the steps of the guidance, collapsed."""
    guidance = notice.guidance
    if guidance is None:
        return ""
    text = guidance.instructions
    if not guidance.is_by_model:
        text = _without_quoted_message(text)
    told = prose(text, links=notice.references, limit=12_000)
    return details("Steps", told) if told else ""


def checks(notice: FindingNotice) -> str:
    """Return what a shown fix was checked for, collapsed to one line."""
    found = notice.fix.checks if notice.fix else ()
    if not found:
        return ""
    met = sum(check.is_met is True for check in found)
    unrun = len(found) - met
    summary = f"Proven before it was shown: {met} check{'' if met == 1 else 's'} passed"
    if unrun:
        summary += f", {unrun} could not run"
    confidence = f"\n\nConfidence {notice.fix.confidence.lower()}." if notice.fix else ""
    return details(summary, "\n".join(map(_check, found)) + confidence)


def place_of(notice: FindingNotice, links: Links) -> str:
    """Return a finding's place as code, linked where it can be looked at."""
    lines = f"{notice.path}:{notice.start_line}"
    return link(code(lines), links.line_url(notice.path, notice.start_line))


def _urgency(notice: FindingNotice) -> list[str]:
    words = ["Blocking"] if notice.is_blocking else []
    if notice.is_maybe_safe:
        words.append("maybe safe to ignore" if words else "Maybe safe to ignore")
    return words


def _ends(all_steps: Sequence[Step]) -> tuple[list[Step], int]:
    """Return the steps to show, and how many in their middle are not."""
    if len(all_steps) <= MOST_STEPS:
        return list(all_steps), 0
    half = MOST_STEPS // 2
    return [*all_steps[:half], *all_steps[-half:]], len(all_steps) - 2 * half


def _without_repeats(all_steps: Sequence[Step]) -> list[Step]:
    """Return the steps without those at the line of the one before, which say nothing new."""
    kept: list[Step] = []
    for step in all_steps:
        is_repeat = kept and (kept[-1].path, kept[-1].line) == (step.path, step.line)
        if not is_repeat or step.role == "sink":
            kept.append(step)
    return kept


def _place(step: Step, links: Links) -> str:
    return link(code(f"{step.path}:{step.line}"), links.line_url(step.path, step.line))


def _without_quoted_message(text: str) -> str:
    """Return the rule's own guidance without the message, which stands above it already."""
    lines = text.split("\n")
    while lines and (lines[0].startswith(">") or not lines[0].strip()):
        lines.pop(0)
    return "\n".join(lines)


def _check(check: CheckFacts) -> str:
    name = _CHECKS.get(check.name) or plain(check.name, limit=100)
    return f"- {name[:1].upper()}{name[1:]}" + ("" if check.is_met else " (could not be checked)")
