"""Who sent an event of GitLab, and what its headers say.

https://docs.gitlab.com/user/project/integrations/webhooks/
"""

import hmac

from integrations.deliveries import Envelope, Headers, SignatureRefusedError


def check_signature(*, headers: Headers, body: bytes, secret: str) -> None:
    """Raise SignatureRefusedError unless the event brings the secret; GitLab signs no body."""
    del body
    given = headers.get("X-Gitlab-Token", "")
    if not given:
        raise SignatureRefusedError(
            "X-Gitlab-Token: the event brings no secret token; enter the secret of this address"
            " in the webhook's settings at GitLab."
        )
    if not hmac.compare_digest(secret.encode(), given.encode(errors="replace")):
        raise SignatureRefusedError(
            "X-Gitlab-Token: the event brings another secret token; enter the secret of this"
            " address in the webhook's settings at GitLab."
        )


def read_envelope(headers: Headers) -> Envelope:
    """Return what the headers say of an event; the key stays the same when GitLab tries again."""
    return Envelope(
        event=headers.get("X-Gitlab-Event", ""),
        delivery_id=headers.get("Idempotency-Key", "") or headers.get("X-Gitlab-Event-UUID", ""),
    )
