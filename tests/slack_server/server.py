"""The stand-in: Slack's Web API over HTTP, its state in memory, and people who act in it.

    with SlackServer() as slack:
        settings.SLACK_URL = slack.url
        ...
        slack.channel("C0SECURITY").messages[0]["blocks"]
        headers, body = slack.pressed(channel="C0SECURITY", action="agree", user="U1")

A request that Slack would refuse as malformed is answered as Slack does, and noted in `complaints`.
"""

import base64
import json
import time
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

from tests.loopback import Handler, Loopback
from tests.slack_server.checking import InvalidBlocksError, check_blocks, check_view

TOKEN = "xoxb-acme-bot-token"
SECRET = "sign-acme"
TEAM = "T0ACME"


@dataclass
class Channel:
    """A channel and what stands in it, the oldest first."""

    id: str
    name: str
    is_private: bool = False
    is_archived: bool = False
    has_bot: bool = False
    messages: list = field(default_factory=list)
    whispers: list = field(default_factory=list)


class SlackServer:
    """One workspace."""

    def __init__(self, *, team=TEAM, token=TOKEN, secret=SECRET):
        self.team, self.token, self.secret = team, token, secret
        self.channels = {}
        self.windows = []
        self.calls = []
        self.complaints = []
        self.codes = {}
        self.trouble = {}
        self._ts = count(1)
        self._triggers = count(1)
        handler = type("_SlackHandler", (_SlackHandler,), {"slack": self})
        self._loopback = Loopback(handler)
        self.add_channel("C0SECURITY", "security")

    @property
    def url(self):
        return self._loopback.url

    def __enter__(self):
        self._loopback.start()
        return self

    def __exit__(self, *_exception):
        self._loopback.stop()

    def add_channel(self, channel_id, name, **options):
        self.channels[channel_id] = Channel(id=channel_id, name=name, **options)
        return self.channels[channel_id]

    def channel(self, channel_id="C0SECURITY"):
        return self.channels[channel_id]

    @property
    def messages(self):
        return self.channel().messages

    def fail(self, method, *errors):
        """Answer the next calls of a method with these errors."""
        self.trouble.setdefault(method, []).extend(errors)

    def signed(self, body, *, at=None, secret=None):
        """Return the headers (as Django's client takes them) of a request that Slack signs."""
        timestamp = str(int(at if at is not None else time.time()))
        signature = SignatureVerifier(secret or self.secret).generate_signature(
            timestamp=timestamp, body=body
        )
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}

    def commanded(self, command, text="", *, user="U1", channel="C0SECURITY", **more):
        """Return the body of a slash command."""
        fields = {
            "token": "gIkuvaNzQIHg97ATvDxqgjtO",
            "team_id": self.team,
            "channel_id": channel,
            "channel_name": self.channels[channel].name,
            "user_id": user,
            "user_name": "ada",
            "command": command,
            "text": text,
            "response_url": "https://hooks.slack.com/commands/1234/5678",
            "trigger_id": self._trigger(),
            **more,
        }
        return urlencode(fields).encode()

    def pressed(self, action, *, user="U1", channel="C0SECURITY", message=-1, value=None):
        """Return the body that a press on a button of a message sends."""
        shown = self.channels[channel].messages[message]
        button = next(
            one
            for block in shown["blocks"]
            if block["type"] == "actions"
            for one in block["elements"]
            if one["action_id"] == action
        )
        return self._payload({
            "type": "block_actions",
            "user": {"id": user, "username": "ada", "team_id": self.team},
            "team": {"id": self.team, "domain": "acme"},
            "channel": {"id": channel, "name": self.channels[channel].name},
            "message": shown,
            "trigger_id": self._trigger(),
            "response_url": "https://hooks.slack.com/actions/1234",
            "actions": [
                {"action_id": action, "value": value or button.get("value", ""), "type": "button"}
            ],
        })  # fmt: skip

    def filled(self, fields, *, user="U1", window=-1):
        """Return the body that sends a window that was opened; fields: {name: text or values}."""
        view = self.windows[window]
        values = {name: {name: _state(value)} for name, value in fields.items()}
        return self._payload({
            "type": "view_submission",
            "user": {"id": user, "username": "ada", "team_id": self.team},
            "team": {"id": self.team, "domain": "acme"},
            "trigger_id": self._trigger(),
            "view": {
                "callback_id": view["callback_id"],
                "private_metadata": view["private_metadata"],
                "state": {"values": values},
            },
        })  # fmt: skip

    def answer(self, method, arguments, token):
        """Return the answer to a call."""
        self.calls.append((method, arguments))
        if self.trouble.get(method):
            return {"ok": False, "error": self.trouble[method].pop(0)}
        if method == "oauth.v2.access":
            return self._exchange(arguments, token)
        if token != self.token:
            return {"ok": False, "error": "invalid_auth"}
        name = method.replace(".", "_")
        try:
            return getattr(self, f"_{name}")(arguments)
        except InvalidBlocksError as error:
            self.complaints.append(f"{method}: {error}")
            return {"ok": False, "error": "invalid_blocks"}

    def _auth_test(self, _arguments):
        return {"ok": True, "team": "Acme", "team_id": self.team, "user_id": "UBOT", "user": "bot"}

    def _exchange(self, arguments, basic):
        known = self.codes.pop(arguments.get("code"), None)
        if known != basic:
            return {"ok": False, "error": "invalid_code"}
        team = {"id": self.team, "name": "Acme"}
        return {"ok": True, "access_token": self.token, "bot_user_id": "UBOT", "team": team}

    def _chat_postMessage(self, arguments):  # noqa: N802 Slack's word
        channel = self.channels.get(arguments["channel"])
        if channel is None or (channel.is_private and not channel.has_bot):
            return {"ok": False, "error": "channel_not_found"}
        if channel.is_archived:
            return {"ok": False, "error": "is_archived"}
        check_blocks(arguments["blocks"])
        ts = f"{time.time():.0f}.{next(self._ts):06d}"
        kept = {name: arguments[name] for name in ("text", "blocks", "metadata")}
        channel.messages.append({"ts": ts, "edits": 0, **kept})
        return {"ok": True, "channel": channel.id, "ts": ts, "message": {"text": arguments["text"]}}

    def _chat_update(self, arguments):
        channel = self.channels[arguments["channel"]]
        found = [one for one in channel.messages if one["ts"] == arguments["ts"]]
        if not found:
            return {"ok": False, "error": "message_not_found"}
        check_blocks(arguments["blocks"])
        found[0].update(text=arguments["text"], blocks=arguments["blocks"])
        found[0]["edits"] += 1
        return {"ok": True, "channel": channel.id, "ts": arguments["ts"]}

    def _chat_postEphemeral(self, arguments):  # noqa: N802 Slack's word
        channel = self.channels[arguments["channel"]]
        channel.whispers.append((arguments["user"], arguments["text"]))
        return {"ok": True, "message_ts": "1.1"}

    def _conversations_join(self, arguments):
        channel = self.channels[arguments["channel"]]
        if channel.is_private:
            return {"ok": False, "error": "method_not_supported_for_channel_type"}
        channel.has_bot = True
        return {"ok": True, "channel": {"id": channel.id}}

    def _conversations_history(self, arguments):
        channel = self.channels[arguments["channel"]]
        if not channel.has_bot:
            return {"ok": False, "error": "not_in_channel"}
        newest = [
            one for one in reversed(channel.messages)
            if float(one["ts"]) >= float(arguments["oldest"])
        ]  # fmt: skip
        begin = int(arguments.get("cursor") or 0)
        end = begin + int(arguments["limit"])
        page = [{"ts": one["ts"], "metadata": one.get("metadata", {})} for one in newest[begin:end]]
        more = end < len(newest)
        cursor = {"next_cursor": str(end) if more else ""}
        return {"ok": True, "messages": page, "has_more": more, "response_metadata": cursor}

    def _views_open(self, arguments):
        check_view(arguments["view"])
        self.windows.append(arguments["view"])
        return {"ok": True, "view": {"id": "V1"}}

    def _trigger(self):
        return f"13345224609.738474920.{next(self._triggers):032x}"

    def _payload(self, told):
        return urlencode({"payload": json.dumps(told)}).encode()


def _state(value):
    if isinstance(value, str):
        return {"type": "plain_text_input", "value": value}
    if isinstance(value, tuple):
        return {"type": "static_select", "selected_option": {"value": value[0]}}
    return {"type": "checkboxes", "selected_options": [{"value": one} for one in value]}


class _SlackHandler(Handler):
    slack = None

    def do_GET(self):  # noqa: N802 the library's word
        query = parse_qs(urlsplit(self.path).query)
        self._answer({name: values[0] for name, values in query.items()})

    def do_POST(self):  # noqa: N802 the library's word
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Type", "").startswith("application/json"):
            self._answer(json.loads(body))
        else:
            fields = parse_qs(body.decode())
            self._answer({name: values[0] for name, values in fields.items()})

    def _answer(self, arguments):
        method = urlsplit(self.path).path.removeprefix("/api/")
        kind, _, credential = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            credential = base64.b64decode(credential).decode()
        told = json.dumps(self.slack.answer(method, arguments, credential)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)
