"""Who signed an event of GitHub, and what its headers say.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import hashlib
import hmac

from integrations.deliveries import Envelope, Headers, SignatureRefusedError

PREFIX = "sha256="


def check_signature(*, headers: Headers, body: bytes, secret: str) -> None:
    """Raise SignatureRefusedError unless the body is signed with the secret."""
    given = headers.get("X-Hub-Signature-256", "")
    if not given:
        raise SignatureRefusedError(
            "X-Hub-Signature-256: the event is not signed; enter the secret of this address in"
            " the webhook's settings at GitHub. The older X-Hub-Signature is not taken."
        )
    wanted = PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode(errors="replace")):
        raise SignatureRefusedError(
            "X-Hub-Signature-256: the event is signed with another secret; enter the secret of"
            " this address in the webhook's settings at GitHub."
        )


def read_envelope(headers: Headers) -> Envelope:
    """Return what the headers say of an event."""
    return Envelope(
        event=headers.get("X-GitHub-Event", ""), delivery_id=headers.get("X-GitHub-Delivery", "")
    )
