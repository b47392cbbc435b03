"""Slash commands: a channel of Slack begins or ends to hear of scans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core.errors import InvalidInputError, ProblemError
from core.numbers import id_of
from findings.texts import storable_text
from integrations.events import SlackCommandGiven, SlackWindowFilled
from integrations.models import SlackWorkspace
from notifications.channels.slack_blocks import escaped
from notifications.channels.slack_windows import (
    EVERYTHING,
    MODE_CHOICES,
    MODES,
    MOST_OPTIONS,
    PRODUCT_CHOICES,
    PRODUCTS,
    SCOPE,
    TELLS,
    TELLS_CHOICES,
    subscribe_window,
)
from notifications.deliveries import Draft, want_deliveries
from notifications.models import Channel, DeliveryKind, Subscription
from notifications.slack_people import Person, actor_of, allowed
from notifications.subscribers import projects_to_choose, tags_to_choose
from notifications.subscribing import Wish, remove_subscription
from tenants.audit import Actor, record_audit_event
from tenants.models import Project
from tenants.permissions import Permission

_TAG = "tag:"
_PROJECT = "project:"
_DIRECT_MESSAGE = "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAnswer:
    """What is said to who gave a command, to her alone, or the window that is opened for her."""

    text: str = ""
    window: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel of a workspace."""

    workspace: SlackWorkspace
    channel_id: str
    channel_name: str


def answer_command(
    *, event: SlackCommandGiven, workspace: SlackWorkspace, now: datetime
) -> CommandAnswer:
    """Do what a command asks for, if who gave it may; nothing here waits for anybody."""
    person = Person(workspace=workspace, user_id=event.user_id, user_name=event.user_name)
    place = Place(workspace=workspace, channel_id=event.channel_id, channel_name=event.channel_name)
    try:
        member = allowed(person, Permission.MANAGE_NOTIFICATIONS, now=now)
        if event.command == workspace.unsubscribe_command:
            return _unsubscribe(place, event.text, actor=actor_of(member), now=now)
        if event.command != workspace.subscribe_command:
            raise InvalidInputError(
                f"{event.command} means nothing here. Use {workspace.subscribe_command} or"
                f" {workspace.unsubscribe_command}; an admin names them in Settings, Slack."
            )
        if not event.text:
            return CommandAnswer(window=_window(place))
        project = _project_named(event.text)
        wish = Wish(project=project)
        subscribe_channel(place=place, wish=wish, actor=actor_of(member), now=now)
    except ProblemError as error:
        return CommandAnswer(text=escaped(error.detail, limit=2500))
    return CommandAnswer(
        text=escaped(f"#{place.channel_name} will hear of new findings in {project.name}.")
    )


def fill_subscription(
    *, event: SlackWindowFilled, memo: Mapping[str, str], workspace: SlackWorkspace, now: datetime
) -> dict[str, str]:
    """Subscribe a channel as a window says; return what is wrong, by field, or nothing."""
    person = Person(workspace=workspace, user_id=event.user_id, user_name=event.user_name)
    place = Place(
        workspace=workspace,
        channel_id=memo.get("channel_id", ""),
        channel_name=memo.get("channel_name", ""),
    )
    try:
        member = allowed(person, Permission.MANAGE_NOTIFICATIONS, now=now)
        wish = _wish(event.fields)
        subscribe_channel(place=place, wish=wish, actor=actor_of(member), now=now)
    except ProblemError as error:
        is_field = error.field in {SCOPE, TELLS, PRODUCTS, MODES}
        return {str(error.field) if is_field else SCOPE: error.detail}
    return {}


@transaction.atomic
def subscribe_channel(*, place: Place, wish: Wish, actor: Actor, now: datetime) -> Subscription:
    """Let a channel hear of scans, and show it there; what it asked for before is replaced.

    Raises InvalidInputError where it would hear of nothing.
    """
    if not (wish.tells_scans or wish.tells_failed_scans or wish.tells_verdicts):
        raise InvalidInputError("Choose what it should hear of.", field=TELLS)
    if not place.channel_id or place.channel_id.startswith(_DIRECT_MESSAGE):
        raise InvalidInputError("Give the command in a channel: this is a direct message.")
    row: Subscription
    row, is_new = Subscription.objects.update_or_create(
        channel=Channel.SLACK,
        workspace=place.workspace,
        slack_channel_id=place.channel_id,
        address="",
        project=wish.project,
        tag=wish.tag,
        defaults={
            "slack_channel_name": storable_text(place.channel_name)[:100],
            "products": list(wish.products),
            "modes": list(wish.modes),
            "tells_scans": wish.tells_scans,
            "tells_failed_scans": wish.tells_failed_scans,
            "tells_verdicts": wish.tells_verdicts,
        },
    )
    if is_new:
        Subscription.objects.filter(pk=row.pk).update(created_by=actor.user, created_at=now)
        send_test(subscription=row, key=f"subscribed:{row.pk}", now=now)
    record_audit_event(
        actor=actor,
        action="subscription.added" if is_new else "subscription.changed",
        object_label=str(row),
        after=wish.as_json(),
    )
    return row


def send_test(*, subscription: Subscription, key: str, now: datetime) -> list[int]:
    """Have a channel shown that messages arrive; return the ids of what is new in the outbox."""
    draft = Draft(
        channel=Channel.SLACK,
        kind=DeliveryKind.TEST,
        key=key,
        recipient=str(subscription),
        subscription=subscription,
    )
    return want_deliveries([draft], now=now)


def _unsubscribe(place: Place, text: str, *, actor: Actor, now: datetime) -> CommandAnswer:
    rows = Subscription.objects.filter(workspace=place.workspace, slack_channel_id=place.channel_id)
    if text:
        rows = rows.filter(project=_project_named(text))
    ids = list(rows.order_by("id").values_list("id", flat=True))
    for one in ids:
        remove_subscription(subscription_id=one, actor=actor, now=now)
    if not ids:
        return CommandAnswer(text="This channel was not subscribed to that.")
    return CommandAnswer(text=escaped(f"#{place.channel_name} will hear of it no more."))


def _window(place: Place) -> Mapping[str, Any]:
    if place.channel_id.startswith(_DIRECT_MESSAGE):
        raise InvalidInputError("Give the command in a channel: this is a direct message.")
    tags, projects = tags_to_choose(), projects_to_choose()
    scopes = [
        (EVERYTHING, "All projects"),
        *((f"{_TAG}{tag}", f"Tag: {tag}") for tag in tags),
        *((f"{_PROJECT}{project.pk}", project.name) for project in projects),
    ]
    return subscribe_window(
        channel=place.channel_name,
        memo={"channel_id": place.channel_id, "channel_name": place.channel_name},
        scopes=scopes[:MOST_OPTIONS],
        more=len(scopes) > MOST_OPTIONS,
    )


def _wish(fields: Mapping[str, Sequence[str]]) -> Wish:
    scope = (fields.get(SCOPE) or (EVERYTHING,))[0]
    tells = set(fields.get(TELLS, ()))
    project = _project_of(scope.removeprefix(_PROJECT)) if scope.startswith(_PROJECT) else None
    return Wish(
        project=project,
        tag=scope.removeprefix(_TAG)[:100] if scope.startswith(_TAG) else "",
        products=_some_of(fields.get(PRODUCTS, ()), PRODUCT_CHOICES),
        modes=_some_of(fields.get(MODES, ()), MODE_CHOICES),
        **{name: name in tells for name, _said in TELLS_CHOICES},
    )


def _some_of(chosen: Sequence[str], choices: Sequence[tuple[str, str]]) -> list[str]:
    """Return what was chosen; nothing where that is all there is, so that it stays all."""
    kept = [value for value, _said in choices if value in chosen]
    return [] if len(kept) == len(choices) else kept


def _project_of(text: str) -> Project:
    project = Project.objects.filter(id=id_of(text) or 0, is_archived=False).first()
    if project is None:
        raise InvalidInputError("The project is gone; choose another.", field=SCOPE)
    found: Project = project
    return found


def _project_named(name: str) -> Project:
    rows = Project.objects.filter(is_archived=False)
    project: Project | None = (
        rows.filter(name=name).first() or rows.filter(name__iexact=name).first()
    )
    if project is None:
        raise InvalidInputError(
            f"There is no project {name[:100]}. Give its full name, as the Projects page has it, or"
            " none to choose in a window."
        )
    return project
