"""How a code host delivers an event: what its headers say, and who signed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from core.errors import ProblemError

Headers = Mapping[str, str]


class SignatureRefusedError(ProblemError):
    """The event is not signed with the secret of its address; the sentence says what to set."""

    code = "signature_refused"
    status = HTTPStatus.UNAUTHORIZED


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the headers say of an event."""

    event: str
    """In the code host's words: `issue_comment`, `Note Hook`."""
    delivery_id: str
    """The code host's own number; blank where it sends none."""
