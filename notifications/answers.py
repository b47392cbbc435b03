"""What we reply to commands in change requests, as Markdown; pure.

Each text is one or two lines. Of what others wrote it repeats the login alone, as code, so that it
notifies nobody and commands nothing.
"""

from dataclasses import dataclass

from core.escaping import code, link, plain

_HELP = (
    ("/fp <why>", "ignore it as a false positive"),
    ("/ar <why>", "ignore it as an acceptable risk"),
    ("/other <why>", "ignore it for another reason"),
    ("/open", "open it again"),
    (
        "{prefix} assistant agree [note]",
        "agree with the verdict that it is a false positive, and ignore",
    ),
    ("{prefix} assistant disagree [note]", "say that the verdict is wrong"),
    ("{prefix} remember <text>", "suggest a memory for this rule in this project"),
    ("{prefix} help", "show this list"),
)
NO_FINDING = (
    "commands are taken in replies to the comment of one finding. Write yours there, or triage the"
    " findings on their page."
)
NOT_IN_PUBLIC = (
    "commands are not taken in public repositories. An admin of your organization can allow them"
    " in Settings, Comments."
)
MAY_NOT_WRITE = "only people who may write to this repository can triage its findings here."
NO_VERDICT = (
    "this finding has no verdict yet, so nothing was changed. Wait until it is analyzed, or use"
    " `/fp <why>`."
)
NEWER_VERDICT = (
    "a verdict has come that the comment above did not show yet, so nothing was changed. Read the"
    " comment once more, and answer again; where it is closed, answer on the finding's page."
)
CHANGED_SINCE = (
    "the comment above was changed after you had written, so nothing else was. Read it once more,"
    " and answer again."
)
VERDICTS_ARE_OFF = (
    "comments tell no verdicts in your organization, so nothing was changed. Use `/fp <why>`, or"
    " open the finding."
)
NOT_A_FALSE_POSITIVE = (
    "the verdict is not that this finding is a false positive, so nothing was changed. To ignore it"
    " all the same, use `/fp <why>` or `/ar <why>`."
)
MEMORIES_ARE_OFF = "memories are switched off in your organization, so nothing was kept."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command has led to."""

    status: str
    """Of the finding, as pages call it."""
    reason: str = ""
    said: str = ""
    """A sentence before the status."""
    memory: str = ""
    """A sentence on what was remembered."""


def to(login: str, answer: str) -> str:
    """Return an answer that begins with whom it is for."""
    return f"{code('@' + login, limit=100) or 'You'}: {answer}"


def done(told: Told, *, url: str) -> str:
    """Return what became of the finding, with a link to it."""
    status = f"**{told.status}**" + (f" ({told.reason.lower()})" if told.reason else "")
    sentences = [told.said, f"Status of this finding: {status}.", told.memory]
    return f"{' '.join(filter(None, sentences))}\n{link('Open the finding', url)}"


def refused(detail: str) -> str:
    """Return why nothing was changed, for a refusal that has no text of its own."""
    return f"nothing was changed. {plain(detail)}"


def help_text(*, prefix: str, problem: str = "") -> str:
    """Return which commands there are, after `problem` where there was one."""
    begin = f"nothing was changed. {problem}" if problem else "here is what you can reply."
    lines = [f"- {code(text.format(prefix=prefix))}: {what}" for text, what in _HELP]
    return "\n".join([begin, "", *lines])
