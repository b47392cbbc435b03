"""Which code hosts call us, and who reads their events."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from integrations.deliveries import Envelope, Headers
from integrations.events import ReadEvent
from integrations.github import events as github_events
from integrations.github import signatures as github_signatures
from integrations.gitlab import events as gitlab_events
from integrations.gitlab import signatures as gitlab_signatures
from integrations.models import ConnectionKind


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
}
# Others are answered and forgotten: nothing would follow from them.
KEPT_EVENTS: dict[str, frozenset[str]] = {
    ConnectionKind.GITHUB: github_events.KEPT,
    ConnectionKind.GITLAB: gitlab_events.KEPT,
}
