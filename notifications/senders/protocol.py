"""What the outbox asks of each channel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from core.errors import ProblemError, TransientError
from notifications.models import Delivery


class NotSentError(TransientError):
    """The other side has certainly not taken the message; another try may work."""


class RefusedError(ProblemError):
    """The other side has certainly not taken the message, and no other try can change that."""

    code = "message_refused"
    status = HTTPStatus.BAD_GATEWAY


class UnknownOutcomeError(ProblemError):
    """An earlier try may have arrived, and nobody can tell: a person decides."""

    code = "unknown_outcome"
    status = HTTPStatus.BAD_GATEWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that has arrived, and where it stands."""

    external_ids: dict[str, str] = field(default_factory=dict)
    body_hash: str = ""
    answer: str = ""


class Sender(Protocol):
    """How messages of a channel go out.

    Its methods raise NotSentError where nothing was taken, another TransientError where that is
    not known, and any other ProblemError where no further try can work.
    """

    def find(self, delivery: Delivery) -> Sent | None:
        """Return what an earlier try, whose end nobody noted, has left behind; None: nothing.

        Raises UnknownOutcomeError where the channel cannot tell.
        """

    def send(self, delivery: Delivery, *, begin: Callable[[], None]) -> Sent | None:
        """Send a message; `begin` is called right before the call that cannot be taken back.

        None where there is nothing to say any more.
        """

    def change(self, delivery: Delivery) -> Sent | None:
        """Bring a message that was sent up to date; None where it needs or allows no change."""
