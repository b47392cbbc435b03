"""Webhooks on their way: signed like GitHub signs, and sent when a test says so."""

import hashlib
import hmac
import http.client
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Delivery:
    """One event for one receiver; `body` are the bytes that the signature covers."""

    event: str
    body: bytes
    headers: dict[str, str]
    url: str
    payload: dict[str, Any] = field(repr=False)

    @property
    def action(self) -> str:
        return self.payload.get("action", "")


def sign(
    event: str, payload: dict[str, Any], *, secret: str, url: str, target: tuple[str, int]
) -> Delivery:
    """Make a delivery; `target`: kind (integration or repository) and number of the hook."""
    body = json.dumps(payload).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    sha1 = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/0a1b2c3",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(target[1]),
        "X-GitHub-Hook-Installation-Target-ID": str(target[1]),
        "X-GitHub-Hook-Installation-Target-Type": target[0],
        "X-Hub-Signature": f"sha1={sha1}",
        "X-Hub-Signature-256": f"sha256={digest}",
    }
    return Delivery(event=event, body=body, headers=headers, url=url, payload=payload)


def post(delivery: Delivery, *, timeout_seconds: float = 10) -> int:
    """Send a delivery to its address and return the status of the answer."""
    address = urlsplit(delivery.url)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=timeout_seconds
    )
    try:
        connection.request("POST", address.path, body=delivery.body, headers=delivery.headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
