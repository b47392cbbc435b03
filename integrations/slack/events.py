"""What people do in Slack, as it tells us: commands, buttons, and windows that they fill in.

https://docs.slack.dev/reference/interaction-payloads
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, cast
from urllib.parse import parse_qs

from pydantic import StringConstraints

from core.errors import InvalidInputError
from integrations.event_shapes import Shape, Text, parse
from integrations.events import (
    Passed,
    ReadEvent,
    SlackButtonPressed,
    SlackCommandGiven,
    SlackWindowFilled,
)

MOST_FIELDS = 60
COMMAND = "command"
BUTTON = "block_actions"
WINDOW = "view_submission"
CHALLENGE = "ssl_check"
SlackEvent = SlackCommandGiven | SlackButtonPressed | SlackWindowFilled | Passed

_Id = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,40}$")]
_Trigger = Annotated[str, StringConstraints(max_length=200)]
_Value = Annotated[str, StringConstraints(max_length=2000)]


class _Named(Shape):
    id: _Id


class _Person(_Named):
    username: Text = ""
    name: Text = ""


class _Channel(_Named):
    name: Text = ""


class _Command(Shape):
    command: _Value
    text: Text = ""
    user_id: _Id
    user_name: Text = ""
    team_id: _Id
    channel_id: _Id
    channel_name: Text = ""
    trigger_id: _Trigger = ""


class _Action(Shape):
    action_id: _Value
    value: _Value = ""


class _Pressed(Shape):
    user: _Person
    team: _Named
    channel: _Channel
    trigger_id: _Trigger = ""
    actions: list[_Action]


class _View(Shape):
    callback_id: _Value
    private_metadata: Annotated[str, StringConstraints(max_length=3000)] = ""
    state: dict[str, Any] = {}


class _Filled(Shape):
    user: _Person
    team: _Named
    view: _View


def unpacked(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return an event's name and what it says, from the form that Slack sends.

    Raises InvalidInputError.
    """
    try:
        form = parse_qs(body.decode(), max_num_fields=MOST_FIELDS, keep_blank_values=True)
        fields = {name: values[-1] for name, values in form.items()}
        if "payload" in fields:
            told = json.loads(fields["payload"])
            return str(told["type"]), cast("dict[str, Any]", told)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInputError("body: the request is not as Slack documents it.") from error
    if "command" not in fields and "ssl_check" not in fields:
        raise InvalidInputError("body: the request is not as Slack documents it.")
    return (CHALLENGE, {}) if "ssl_check" in fields else (COMMAND, dict(fields))


def read(*, name: str, body: Mapping[str, Any]) -> SlackEvent:
    """Return what an event says. Raises InvalidInputError where it is not as documented."""
    match name:
        case "command":
            return _command(parse(_Command, name=name, body=body))
        case "block_actions":
            return _pressed(parse(_Pressed, name=name, body=body))
        case "view_submission":
            return _filled(parse(_Filled, name=name, body=body))
        case _:
            return Passed(reason="Nothing follows from this event of Slack.")


def read_event(*, name: str, body: Mapping[str, Any]) -> ReadEvent:
    """Return what a kept event says. Raises InvalidInputError."""
    return ReadEvent(event=read(name=name, body=body))


def _command(told: _Command) -> SlackCommandGiven:
    return SlackCommandGiven(
        command=told.command,
        text=told.text.strip(),
        user_id=told.user_id,
        user_name=told.user_name,
        team_id=told.team_id,
        channel_id=told.channel_id,
        channel_name=told.channel_name,
        trigger=told.trigger_id,
    )


def _pressed(told: _Pressed) -> SlackEvent:
    if not told.actions:
        return Passed(reason="No button was pressed.")
    return SlackButtonPressed(
        action=told.actions[0].action_id,
        value=told.actions[0].value,
        user_id=told.user.id,
        user_name=told.user.username or told.user.name,
        team_id=told.team.id,
        channel_id=told.channel.id,
        trigger=told.trigger_id,
    )


def _filled(told: _Filled) -> SlackWindowFilled:
    return SlackWindowFilled(
        window=told.view.callback_id,
        memo=told.view.private_metadata,
        fields=_fields(told.view.state.get("values")),
        user_id=told.user.id,
        user_name=told.user.username or told.user.name,
        team_id=told.team.id,
    )


def _fields(values: object) -> dict[str, tuple[str, ...]]:
    """Return what was entered or chosen, by the id of its field."""
    found: dict[str, tuple[str, ...]] = {}
    for block in values.values() if isinstance(values, dict) else ():
        for field, told in block.items() if isinstance(block, dict) else ():
            found[str(field)] = _entered(told) if isinstance(told, dict) else ()
    return found


def _entered(told: dict[str, Any]) -> tuple[str, ...]:
    chosen = told.get("selected_options")
    if chosen is None:
        one = told.get("selected_option")
        chosen = [] if one is None else [one]
    entered = told.get("value")
    if isinstance(entered, str):
        return (entered.replace("\0", ""),)
    if not isinstance(chosen, list):
        return ()
    return tuple(str(one["value"]) for one in chosen if isinstance(one, dict) and "value" in one)
