"""Recorded events of code hosts, and how they are delivered."""

import hashlib
import hmac
import json
from pathlib import Path

from integrations.webhooks import endpoint_secret, endpoint_url

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"


def recorded(host, name):
    """Return a recorded event as JSON; `name` is `<event>.<action>`."""
    return json.loads((PAYLOADS / host / f"{name}.json").read_text())


def on_a_pull_request(body):
    """Return a recorded comment on an issue as GitHub sends it for a pull request."""
    link = {"url": body["issue"]["url"].replace("/issues/", "/pulls/")}
    return {**body, "issue": {**body["issue"], "pull_request": link}}


def as_bytes(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def key_of(endpoint):
    return endpoint_url(endpoint).rpartition("/")[2]


def github_headers(secret, event, body, delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958"):
    signature = hmac.new(secret.encode(), as_bytes(body), hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery_id,
        "X-Hub-Signature-256": f"sha256={signature}",
    }


def gitlab_headers(secret, event):
    return {
        "Content-Type": "application/json",
        "X-Gitlab-Event": event,
        "X-Gitlab-Token": secret,
        "Idempotency-Key": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
    }


def headers_of(endpoint, event, body):
    """Return the headers of a genuine delivery."""
    secret = endpoint_secret(endpoint)
    if endpoint.kind == "gitlab":
        return gitlab_headers(secret, event)
    return github_headers(secret, event, body)
