"""The few pages of GitHub that a browser is sent to while an app is made and installed."""

import json
import re
import secrets
from html import escape
from urllib.parse import parse_qs, urlencode

from tests.github_server.routing import Answer, Asking

_NEW_APP = re.compile(r"/(?:organizations/(?P<owner>[^/]+)/)?settings/apps/new")
_INSTALL = re.compile(r"/apps/(?P<slug>[^/]+)/installations/new")


def answer(asking: Asking, given: bytes) -> Answer | None:
    """Answer a page; None for what is no page."""
    match = _NEW_APP.fullmatch(asking.path)
    if match and asking.method == "POST":
        return _new_app(asking, match["owner"] or "acme", parse_qs(given.decode()))
    if match or _INSTALL.fullmatch(asking.path):
        return Answer(f"<h1>{escape(asking.path)}</h1>".encode(), content_type="text/html")
    return None


def _new_app(asking: Asking, owner: str, form: dict[str, list[str]]) -> Answer:
    """Make an app of a manifest and send the browser back with a code, as a click would."""
    manifest = json.loads(form["manifest"][0])
    app = asking.github.add_app(
        re.sub(r"[^a-z0-9]+", "-", manifest["name"].lower()).strip("-"),
        owner=owner,
        permissions=manifest["default_permissions"],
        events=manifest["default_events"],
        webhook_url=manifest["hook_attributes"]["url"],
        webhook_secret=secrets.token_hex(20),
    )
    app.name = manifest["name"]
    code = secrets.token_hex(20)
    asking.github.add_manifest_code(code, app)
    state = asking.query.get("state", "")
    where = f"{manifest['redirect_url']}?{urlencode({'code': code, 'state': state})}"
    return Answer(b"", 302, {"Location": where}, "text/html")
