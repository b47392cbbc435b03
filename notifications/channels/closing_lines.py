"""What stands at the end of a comment: commands to answer with, where it comes from, the mark."""

from collections.abc import Sequence

from integrations.markers import marker
from notifications.channels.escaping import code, link
from notifications.channels.markdown import details
from notifications.facts import FindingNotice


def commands_help(notice: FindingNotice, *, prefix: str) -> str:
    """Return the commands that a reply may hold, collapsed; blank where none are taken."""
    if not prefix:
        return ""
    lines = [
        ("/fp <why>", "ignore: a false positive"),
        ("/ar <why>", "ignore: an acceptable risk"),
        ("/other <why>", "ignore for another reason"),
        ("/open", "open it again"),
    ]
    if notice.is_maybe_safe:
        lines += [
            (f"{prefix} assistant agree", "the verdict is right: ignore it"),
            (f"{prefix} assistant disagree [note]", "the verdict is wrong"),
        ]
    lines.append((f"{prefix} remember <text>", "teach the assistant for the next time"))
    items = "\n".join(f"- {code(command)}: {effect}" for command, effect in lines)
    told = f"{items}\n\nIgnoring takes a reason. You need write access to the repository."
    return details("Not worth fixing? Reply with a command", told)


def footer(notices: Sequence[FindingNotice], *, words: str, url: str) -> str:
    """Return where to read on, which rule it was, and who wrote what stands above."""
    parts = [link(words, url), f"Rule {code(notices[0].check_id)}", *_who_wrote(notices)]
    if memories := _memories(notices):
        parts.append(f"Referenced {memories} memor{'y' if memories == 1 else 'ies'}")
    return f"<sub>{' · '.join(parts)}</sub>"


def mark(body: str, key: str) -> str:
    """Return the body with the mark by which we know it again, at its end."""
    return f"{body}\n\n{marker(key)}"


def _who_wrote(notices: Sequence[FindingNotice]) -> list[str]:
    judged = {one.verdict.is_by_model for one in notices if one.verdict and one.is_maybe_safe}
    advised = {
        part.is_by_model for one in notices for part in (one.guidance, one.fix) if part is not None
    }
    said = []
    if True in judged | advised:
        said.append("Written in part by AI, which makes mistakes: check it before you rely on it")
    if False in judged:
        said.append("Judged by a rule of thumb, without AI")
    return said


def _memories(notices: Sequence[FindingNotice]) -> int:
    used: set[int] = set()
    for one in notices:
        verdict = one.verdict if one.is_maybe_safe else None
        for part in (verdict, one.guidance, one.fix):
            used.update(part.memory_ids if part else ())
    return len(used)
