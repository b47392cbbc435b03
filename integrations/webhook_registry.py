"""Which code hosts call us, and who reads their events."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from integrations.deliveries import Envelope, Headers
from integrations.events import ReadEvent
from integrations.github import events as github_events
from integrations.github import signatures as github_signatures
from integrations.gitlab import events as gitlab_events
from integrations.gitlab import signatures as gitlab_signatures
from integrations.models import ConnectionKind
from integrations.slack import events as slack_events

SLACK = "slack"
"""The kind of Slack's endpoints; its door is another, which answers people at once."""


class SignatureCheck(Protocol):
    """Raises SignatureRefusedError unless whoever sent `body` knows the secret."""

    def __call__(self, *, headers: Headers, body: bytes, secret: str) -> None:
        """Check."""
        ...


class EventReader(Protocol):
    """Reads an event's JSON. Raises InvalidInputError where it is not what is documented."""

    def __call__(self, *, name: str, body: Mapping[str, Any]) -> ReadEvent:
        """Read."""
        ...


class EventFilter(Protocol):
    """Says whether something may follow from an event."""

    def __call__(self, *, name: str, body: Mapping[str, Any]) -> bool:
        """Take a cheap look."""
        ...


SIGNATURES: dict[str, SignatureCheck] = {
    ConnectionKind.GITHUB: github_signatures.check_signature,
    ConnectionKind.GITLAB: gitlab_signatures.check_signature,
}
ENVELOPES: dict[str, Callable[[Headers], Envelope]] = {
    ConnectionKind.GITHUB: github_signatures.read_envelope,
    ConnectionKind.GITLAB: gitlab_signatures.read_envelope,
}
EVENT_READERS: dict[str, EventReader] = {
    ConnectionKind.GITHUB: github_events.read_event,
    ConnectionKind.GITLAB: gitlab_events.read_event,
    SLACK: slack_events.read_event,
}
# What is not needed is answered and forgotten: by its name, before its text is parsed, or then.
KEPT_NAMES: dict[str, Collection[str]] = {
    ConnectionKind.GITHUB: github_events.KEPT.keys(),
    ConnectionKind.GITLAB: gitlab_events.KEPT.keys(),
}
EVENT_FILTERS: dict[str, EventFilter] = {
    ConnectionKind.GITHUB: github_events.is_needed,
    ConnectionKind.GITLAB: gitlab_events.is_needed,
}
