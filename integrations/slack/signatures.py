"""Who signed a request of Slack, and when.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from datetime import datetime

from slack_sdk.signature import Clock, SignatureVerifier

from integrations.deliveries import Headers, SignatureRefusedError

LONGEST_DIGITS = 12


class _At(Clock):
    """The moment at which a request came in."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        """Return it."""
        return self._now.timestamp()


def check_signature(*, headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    """Raise SignatureRefusedError unless the body is signed with the secret, and not long ago.

    What is older than five minutes may be a recording of somebody who listens.
    """
    signature = headers.get("X-Slack-Signature", "")
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    if not secret:
        raise SignatureRefusedError(
            "signing_secret: enter it in Settings, Slack; until then no request is taken."
        )
    if not signature or not timestamp:
        raise SignatureRefusedError("X-Slack-Signature: the request is not signed.")
    is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= LONGEST_DIGITS
    # The SDK reads all three before it knows who sent them.
    is_readable = is_number and signature.isascii() and _is_text(body)
    verifier = SignatureVerifier(secret, clock=_At(now))
    if not (is_readable and verifier.is_valid(body, timestamp, signature)):
        raise SignatureRefusedError(
            "X-Slack-Signature: the request is older than five minutes, or signed with another"
            " secret; enter the Signing Secret of the app's Basic Information in Settings, Slack."
        )


def _is_text(body: bytes) -> bool:
    """Say whether the SDK can read a body."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
