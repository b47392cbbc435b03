"""Prompts: Markdown files with a system and a user part, named slots, and a version.

A file has the headings `## system` and `## user`, in this order. Slots look like
`{{ rule_message }}` and stand in the user part alone: the system part is the same for every
question, so that a provider's prefix cache knows it and nothing untrusted ever enters it.
"""

import hashlib
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

_PARTS = re.compile(
    r"\A(?P<intro>.*?)^## system[ \t]*\n(?P<system>.*?)^## user[ \t]*\n(?P<user>.*)\Z",
    re.DOTALL | re.MULTILINE,
)
_SLOT = re.compile(r"\{\{ ?([a-z][a-z0-9_]*) ?\}\}")
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9 ._/-]{0,100}")


class PromptError(ValueError):
    """A prompt's file, or what is put into it, is not as it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPrompt:
    """What a model is asked, before redaction."""

    system: str
    user: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt with open slots."""

    name: str
    system: str
    user: str
    version: str

    @property
    def slots(self) -> frozenset[str]:
        """The names that render() must be given."""
        return frozenset(_SLOT.findall(self.user))

    def render(self, **slots: str) -> RenderedPrompt:
        """Fill every slot, once: what a slot brings in is never searched for slots again.

        Raises PromptError for a slot that is missing or unknown.
        """
        missing = sorted(self.slots - slots.keys())
        unknown = sorted(slots.keys() - self.slots)
        if missing:
            raise PromptError(f"The prompt {self.name} needs the slot {', '.join(missing)}.")
        if unknown:
            raise PromptError(f"The prompt {self.name} has no slot {', '.join(unknown)}.")
        user = _SLOT.sub(lambda match: slots[match[1]], self.user)
        return RenderedPrompt(system=self.system, user=user, version=self.version)


def load_prompt(path: Path) -> Prompt:
    """Read a prompt's file; its version is the hex SHA-256 of the text."""
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    parts = _PARTS.match(text)
    if parts is None:
        raise PromptError(f"The prompt {path.name} needs a `## system` and then a `## user` part.")
    if _SLOT.search(parts["system"]):
        raise PromptError(f"The system part of {path.name} has a slot: move it to `## user`.")
    return Prompt(
        name=path.name,
        system=parts["system"].strip(),
        user=parts["user"].strip(),
        version=hashlib.sha256(text.encode()).hexdigest(),
    )


def fence(text: str, *, label: str) -> str:
    """Return `text` as a block of untrusted data that nothing inside can end.

    The markers carry a key computed from the text, which the text itself cannot contain: equal
    texts give equal blocks, so answers can be reused and prompts compared.
    """
    if _LABEL.fullmatch(label) is None:
        raise PromptError("A fence's label has letters, digits, blanks and the signs . _ / - only.")
    for counter in itertools.count():
        key = hashlib.sha256(f"{counter}\n{label}\n{text}".encode(errors="replace")).hexdigest()[
            :16
        ]
        if key not in text:
            break
    return f"<<<data {label} {key}\n{text}\n{key} end of data>>>"
