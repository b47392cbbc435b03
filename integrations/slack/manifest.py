"""The manifest from which Slack makes the organization's own app, and the way to install it.

https://docs.slack.dev/reference/app-manifest
"""

import json
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from django.conf import settings

LONGEST_NAME = 35
SCOPES = (
    "channels:history",
    "channels:join",
    "chat:write",
    "chat:write.public",
    "commands",
    "groups:history",
)
"""What the bot may do; reading the history is how a message is found again after a lost answer."""


def manifest(
    *, name: str, request_url: str, redirect_url: str, commands: Sequence[tuple[str, str, str]]
) -> str:
    """Return the manifest as JSON; `commands`: (name, description, hint) of each."""
    told = {
        "display_information": {"name": name[:LONGEST_NAME].strip()},
        "features": {
            "bot_user": {"display_name": name[:LONGEST_NAME].strip(), "always_online": True},
            "slash_commands": [
                {
                    "command": command,
                    "url": request_url,
                    "description": description,
                    "usage_hint": hint,
                    "should_escape": False,
                }
                for command, description, hint in commands
            ],
        },
        "oauth_config": {"redirect_urls": [redirect_url], "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "interactivity": {"is_enabled": True, "request_url": request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }
    return json.dumps(told, indent=2)


def create_address(manifest_json: str) -> str:
    """Return the page of Slack that makes an app from a manifest."""
    packed = json.dumps(json.loads(manifest_json), separators=(",", ":"))
    query = urlencode({"new_app": "1", "manifest_json": packed})
    slack = urlsplit(settings.SLACK_URL)
    return f"{slack.scheme}://api.{slack.netloc}/apps?{query}"


def install_address(*, client_id: str, state: str, redirect_url: str) -> str:
    """Return the page of Slack that installs the app."""
    query = {
        "client_id": client_id,
        "scope": ",".join(SCOPES),
        "state": state,
        "redirect_uri": redirect_url,
    }
    return f"{settings.SLACK_URL}/oauth/v2/authorize?{urlencode(query)}"
