"""Webhooks on their way: with the token that GitLab shows, sent when a test says so."""

import json
import uuid
from typing import Any

from tests.github_server.deliveries import Delivery, post

__all__ = ["Delivery", "address", "post"]


def address(
    event: str, payload: dict[str, Any], *, token: str, url: str, instance: str
) -> Delivery:
    """Make a delivery; the key stays the same when GitLab tries again."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitLab/18.5.0-ee",
        "Idempotency-Key": str(uuid.uuid4()),
        "X-Gitlab-Event": event,
        "X-Gitlab-Webhook-UUID": str(uuid.uuid4()),
        "X-Gitlab-Instance": instance,
        "X-Gitlab-Event-UUID": str(uuid.uuid4()),
    }
    if token:
        headers["X-Gitlab-Token"] = token
    return Delivery(
        event=event, body=json.dumps(payload).encode(), headers=headers, url=url, payload=payload
    )
