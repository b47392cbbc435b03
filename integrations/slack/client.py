"""Slack's Web API: one method for each thing that we do there.

The SDK's own client reads answers of any size for any time and follows redirects; the calls pass
core/http.py instead. Each method: https://docs.slack.dev/reference/methods/<its name>
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from pydantic import BaseModel, ConfigDict, ValidationError

from core.http import CallFailedError, Client, NotConnectedError, Response, bounded_client
from integrations.slack.failures import (
    ACCESS_MISSING,
    SlackAccessLostError,
    SlackNotReachedError,
    SlackRefusedError,
    SlackUnclearError,
    refusal,
)

ANSWER_LIMIT_BYTES = 4 * 1024 * 1024
PATIENCE_AT_THE_DOOR_SECONDS = 2.0
"""What is left of the three seconds in which Slack wants a window to be opened."""
PAGE_SIZE = 100
MOST_PAGES = 10
METADATA_TYPE = "assay_delivery"
_TOKEN = re.compile(r"xox[a-z]-[A-Za-z0-9-]{8,400}|xoxe\.xox[a-z]-[A-Za-z0-9-]{8,400}")


Shape = TypeVar("Shape", bound=BaseModel)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Posted(_Shape):
    channel: str
    ts: str


class _Metadata(_Shape):
    event_type: str = ""
    event_payload: Mapping[str, Any] = {}


class _Message(_Shape):
    ts: str
    metadata: _Metadata = _Metadata()


class _Cursor(_Shape):
    next_cursor: str = ""


class _History(_Shape):
    messages: Sequence[_Message] = ()
    has_more: bool = False
    response_metadata: _Cursor = _Cursor()


class _Identity(_Shape):
    team_id: str
    team: str = ""
    user_id: str = ""


class _Team(_Shape):
    id: str
    name: str = ""


class _Installed(_Shape):
    access_token: str
    bot_user_id: str = ""
    team: _Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel is to show; `key` is our own, hidden in it so that it can be found again."""

    text: str
    """For notifications and screen readers; mrkdwn, escaped."""
    blocks: Sequence[Mapping[str, Any]]
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """As whom the app acts, and where."""

    team_id: str
    team_name: str
    bot_user_id: str
    bot_token: str


class Slack:
    """Calls as one bot. Raises the errors of failures.py; nothing is repeated."""

    def __init__(self, *, token: str, timeout_seconds: float | None = None) -> None:
        """`timeout_seconds`: for one call as a whole; None: as the installation has it."""
        self._token = token
        self._timeout_seconds = timeout_seconds or settings.SLACK_TIMEOUT_SECONDS

    def whoami(self) -> Installed:
        """Return as whom the token acts (`auth.test`)."""
        found = _parsed(_Identity, self._post("auth.test", {}))
        return Installed(
            team_id=found.team_id,
            team_name=found.team,
            bot_user_id=found.user_id,
            bot_token=self._token,
        )

    def post(self, *, channel: str, message: Message) -> Posted:
        """Post a message (`chat.postMessage`)."""
        body = {**_body(message), "channel": channel, "unfurl_links": False, "unfurl_media": False}
        posted = _parsed(_Posted, self._post("chat.postMessage", body))
        return Posted(channel=posted.channel, ts=posted.ts)

    def update(self, *, at: Posted, message: Message) -> Posted:
        """Change a message (`chat.update`)."""
        body = {**_body(message), "channel": at.channel, "ts": at.ts}
        posted = _parsed(_Posted, self._post("chat.update", body))
        return Posted(channel=posted.channel, ts=posted.ts)

    def whisper(self, *, channel: str, user: str, text: str) -> None:
        """Tell one person in a channel (`chat.postEphemeral`)."""
        self._post("chat.postEphemeral", {"channel": channel, "user": user, "text": text})

    def join(self, *, channel: str) -> None:
        """Enter a public channel (`conversations.join`)."""
        self._post("conversations.join", {"channel": channel})

    def open_window(self, *, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a modal for whoever acted (`views.open`)."""
        self._post("views.open", {"trigger_id": trigger, "view": view})

    def find(self, *, channel: str, key: str, oldest_seconds: float) -> Posted | None:
        """Return our message of that key, of those that are not older than a moment.

        `conversations.history` asks for a channel that the app is in. Raises SlackRefusedError
        where the channel is too busy to be read to its end.
        """
        cursor = ""
        for _page in range(MOST_PAGES):
            page = self._history(channel=channel, oldest_seconds=oldest_seconds, cursor=cursor)
            for one in page.messages:
                is_ours = one.metadata.event_type == METADATA_TYPE
                if is_ours and one.metadata.event_payload.get("key") == key:
                    return Posted(channel=channel, ts=one.ts)
            cursor = page.response_metadata.next_cursor
            if not page.has_more or not cursor:
                return None
        raise SlackRefusedError(
            "The channel has had too many messages since to look for ours.", word="too_busy"
        )

    def _history(self, *, channel: str, oldest_seconds: float, cursor: str) -> _History:
        query: dict[str, str] = {
            "channel": channel,
            "oldest": f"{oldest_seconds:.6f}",
            "limit": str(PAGE_SIZE),
            "include_all_metadata": "true",
        }
        if cursor:
            query["cursor"] = cursor
        return _parsed(_History, self._call("GET", "conversations.history", params=query))

    def _post(self, method: str, body: Mapping[str, Any]) -> Response:
        return self._call("POST", method, json=dict(body))

    def _call(self, verb: str, method: str, **content: Any) -> Response:
        if not _TOKEN.fullmatch(self._token):
            raise SlackAccessLostError(ACCESS_MISSING)
        return _said(
            _client(self._timeout_seconds),
            verb,
            method,
            headers={"Authorization": f"Bearer {self._token}"},
            **content,
        )


def exchange(*, code: str, client_id: str, client_secret: str, redirect_uri: str) -> Installed:
    """Trade the code that Slack sent along for a token (`oauth.v2.access`)."""
    answer = _said(
        _client(settings.SLACK_TIMEOUT_SECONDS),
        "POST",
        "oauth.v2.access",
        auth=(client_id, client_secret),
        data={"code": code, "redirect_uri": redirect_uri},
    )
    found = _parsed(_Installed, answer)
    return Installed(
        team_id=found.team.id,
        team_name=found.team.name,
        bot_user_id=found.bot_user_id,
        bot_token=found.access_token,
    )


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks), "parse": "none"}
    if message.key:
        payload = {"key": message.key}
        body["metadata"] = {"event_type": METADATA_TYPE, "event_payload": payload}
    return body


@functools.lru_cache(maxsize=4)
def _client(timeout_seconds: float) -> Client:
    return bounded_client(timeout_seconds=timeout_seconds, max_bytes=ANSWER_LIMIT_BYTES)


def _said(client: Client, verb: str, method: str, **content: Any) -> Response:
    # What the library raises holds the request, and that the token: none is kept as the cause.
    try:
        answer = client.request(verb, f"{settings.SLACK_URL}/api/{method}", **content)
    except NotConnectedError:
        raise SlackNotReachedError("Slack cannot be reached.") from None
    except CallFailedError:
        raise SlackUnclearError("Slack did not answer in time or not to the end.") from None
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise SlackNotReachedError(
            "Slack takes no more messages for now.", retry_after_seconds=_pause(answer)
        )
    if answer.status_code != HTTPStatus.OK:
        raise SlackUnclearError(f"Slack has an error of its own (status {answer.status_code}).")
    told = _parsed(_Told, answer)
    if not told.ok:
        raise refusal(told.error)
    return answer


class _Told(_Shape):
    ok: bool
    error: str = ""


def _pause(answer: Response) -> float:
    told = answer.headers.get("Retry-After", "")
    return max(1.0, float(told)) if told.isascii() and told.isdecimal() else 30.0


def _parsed(shape: type[Shape], answer: Response) -> Shape:
    try:
        return shape.model_validate_json(answer.content)
    except ValidationError:
        # The page of a proxy, or a cut answer; its text stays out of our errors.
        raise SlackUnclearError("Slack's answer cannot be read.") from None
