"""What stands at the end of a comment: commands to answer with, and where it comes from; pure."""

from collections.abc import Sequence

from core.escaping import code, link
from notifications.channels.markdown import details
from notifications.facts import FindingNotice, FixFacts, GuidanceFacts, VerdictFacts

Written = VerdictFacts | GuidanceFacts | FixFacts


def commands_help(notice: FindingNotice, *, prefix: str) -> str:
    """Return the commands that a reply may hold, folded away; blank where none are taken."""
    if not prefix:
        return ""
    lines = [
        ("/fp <why>", "ignores it as a false positive"),
        ("/ar <why>", "ignores it as an acceptable risk"),
        ("/other <why>", "ignores it for another reason"),
        ("/open", "opens it again"),
    ]
    if notice.is_maybe_safe:
        lines += [
            (f"{prefix} assistant agree [note]", "agrees with the verdict and ignores it"),
            (f"{prefix} assistant disagree [note]", "says that the verdict is wrong"),
        ]
    lines.append((f"{prefix} remember <text>", "keeps a lesson for the next time"))
    items = "\n".join(f"- {code(command)} {effect}" for command, effect in lines)
    told = f"{items}\n\nIgnoring takes a reason. You need write access to the repository."
    return details("Not worth fixing? Reply with a command", told)


def footer(*, label: str, url: str, check_id: str, told: Sequence[Written | None]) -> str:
    """Return where to read on, which rule it was, and who wrote `told`, which stands above."""
    parts = [part for part in told if part is not None]
    lines = [link(label, url), f"Rule {code(check_id)}", *_who_wrote(parts)]
    memories = len({one for part in parts for one in part.memory_ids})
    if memories:
        lines.append(f"Referenced {memories} memor{'y' if memories == 1 else 'ies'}")
    return f"<sub>{' · '.join(lines)}</sub>"


def _who_wrote(parts: Sequence[Written]) -> list[str]:
    said = []
    if any(part.is_by_model for part in parts):
        said.append("Written in part by AI, which makes mistakes: check it before you rely on it")
    if any(isinstance(part, VerdictFacts) and not part.is_by_model for part in parts):
        said.append("Judged by a rule of thumb, without AI")
    return said
