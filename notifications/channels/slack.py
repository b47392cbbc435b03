"""Messages in Slack, as Block Kit; pure: the same facts always give the same message."""

from findings.models import Severity, Status
from integrations.slack.client import Message
from notifications.channels.slack_blocks import (
    Block,
    button,
    buttons,
    escaped,
    header,
    link_button,
    linked,
    paragraph,
    quotation,
    small,
    space,
    words,
)
from notifications.slack_facts import (
    AskedVerdict,
    Digest,
    FailedScan,
    OpinionTold,
    Origin,
    ScanNews,
    SlackFacts,
    ToldFinding,
)

AGREE = "agree"
DISAGREE = "disagree"
OPEN = "open"
MOST_FINDINGS = 10
MOST_LINES = 20
MOST_REFERENCES = 3
MOST_OPINIONS = 5
_MODEL = "Judged by AI; it may be wrong. The page shows the code that it leans on."
_RULE_OF_THUMB = "Judged by a rule of thumb, not by AI. The page shows the code that it leans on."


def render(facts: SlackFacts) -> Message:
    """Return the message that tells these facts."""
    match facts:
        case ScanNews():
            return _scan(facts)
        case FailedScan():
            return _failed(facts)
        case AskedVerdict():
            return _verdict(facts)
        case Digest():
            return _digest(facts)


def probe_message(*, product: str, organization: str, url: str) -> Message:
    """Return the message that proves that messages arrive."""
    said = f"{product} can post here. New findings of {organization} will be told as subscribed."
    return Message(
        text=escaped(f"{product}: a test"),
        blocks=[
            header(f"{product}: a test"),
            paragraph(words(said)),
            buttons(link_button("Open settings", action=OPEN, url=url)),
        ],
    )


def _scan(news: ScanNews) -> Message:
    said = f"{news.count} new finding{_plural(news.count)} in {news.origin.project}"
    blocks = [header(said), _origin(news.origin)]
    shown = news.findings[:MOST_FINDINGS]
    blocks += [_finding(one) for one in shown]
    if news.count > len(shown):
        blocks.append(small(f"… and {news.count - len(shown)} more."))
    blocks.append(buttons(link_button("View findings", action=OPEN, url=news.origin.url)))
    return Message(text=escaped(said), blocks=blocks)


def _failed(scan: FailedScan) -> Message:
    said = f"A scan of {scan.origin.project} failed"
    return Message(
        text=escaped(said),
        blocks=[
            header(said),
            _origin(scan.origin),
            quotation(words(scan.problem or "The scanner gave no reason.", limit=800)),
            buttons(link_button("View scan", action=OPEN, url=scan.origin.url)),
        ],
    )


def _verdict(asked: AskedVerdict) -> Message:
    title = asked.finding.title
    said = f"Safe to ignore? {title}" if asked.asks else f"{asked.status.label}: {title}"
    blocks = [
        header(said),
        paragraph(
            linked(asked.finding.url, title),
            space(" @ "),
            _place(asked.finding),
            space(),
            words(asked.finding.severity.label),
        ),
        _origin(asked.origin),
        quotation(words(asked.reason, limit=1500)),
        small(_MODEL if asked.is_by_model else _RULE_OF_THUMB),
    ]
    blocks += [paragraph(*_opinion(one)) for one in asked.opinions[:MOST_OPINIONS]]
    if not asked.asks:
        blocks.append(paragraph(*_outcome(asked)))
    blocks.append(buttons(*_answers(asked)))
    return Message(text=escaped(said), blocks=blocks)


def _answers(asked: AskedVerdict) -> list[Block]:
    view = link_button("View finding", action=OPEN, url=asked.finding.url)
    if not asked.asks:
        return [view]
    return [
        button("Agree and ignore", action=AGREE, value=asked.value, style="primary"),
        button("Disagree", action=DISAGREE, value=asked.value),
        view,
    ]


def _outcome(asked: AskedVerdict) -> list[Block]:
    if asked.status == Status.IGNORED and asked.decision.is_in_code:
        return [words("Ignored by a comment in the code.", style="bold")]
    if asked.status == Status.IGNORED:
        reason = f" ({asked.decision.reason.label.lower()})" if asked.decision.reason else ""
        who = asked.decision.who or "a member"
        said = [words(f"Ignored by {who}{reason}.", style="bold")]
        note = asked.decision.note
        return [*said, space(" "), words(note, limit=800)] if note else said
    if not asked.is_safe:
        return [words("The assistant no longer takes it for safe.", style="bold")]
    return [words(f"{asked.status.label}: there is nothing left to decide.", style="bold")]


def _opinion(told: OpinionTold) -> list[Block]:
    said = words(f"{told.who} {'agrees' if told.agrees else 'disagrees'}", style="bold")
    return [said, space(": "), words(told.note, limit=800)] if told.note else [said, space(".")]


def _digest(digest: Digest) -> Message:
    blocks = [header(digest.headline)]
    shown = digest.lines[:MOST_LINES]
    blocks += [
        paragraph(linked(one.url, one.title), space(), words(one.detail, limit=200))
        for one in shown
    ]
    if digest.count > len(shown):
        blocks.append(small(f"… and {digest.count - len(shown)} more."))
    if digest.done_count:
        blocks.append(small(f"{digest.done_count} of {digest.count} decided."))
    blocks.append(buttons(link_button("View all", action=OPEN, url=digest.url)))
    return Message(text=escaped(digest.headline), blocks=blocks)


def _origin(origin: Origin) -> Block:
    elements = [words(origin.project, limit=200), space()]
    if origin.change_request:
        # Its ref is a name that nobody gave it: `refs/pull/7/merge`.
        elements.append(words(f"change request {origin.change_request}"))
    else:
        elements.append(words(origin.branch, style="code"))
    if origin.commit:
        elements += [space(), words(origin.commit[:10], style="code")]
    return paragraph(*elements)


def _finding(one: ToldFinding) -> Block:
    elements = [
        words(_marked(one.severity), style="bold"),
        space(" "),
        linked(one.url, one.title),
        space(" @ "),
        _place(one),
        space("\n"),
        words(one.message, limit=400),
    ]
    if one.advice:
        elements += [
            space("\n"),
            words("Fix:", style="bold"),
            space(" "),
            words(one.advice, limit=300),
        ]
    if one.has_fix:
        elements += [space("\n"), words("A proven fix is on its page.", style="italic")]
    references = [linked(url, url) for url in one.references[:MOST_REFERENCES]]
    for number, link in enumerate(references):
        elements += [space("\nReferences: " if number == 0 else ", "), link]
    return paragraph(*elements)


def _place(one: ToldFinding) -> Block:
    return linked(one.line_url or one.url, f"{one.path}:{one.line}")


def _marked(severity: Severity) -> str:
    return f"[{severity.label}]"


def _plural(count: int) -> str:
    return "" if count == 1 else "s"
