"""Subscribing mail addresses, changing what a subscription asks for, and ending it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError, ProblemError
from notifications.models import Channel, Delivery, Subscription
from tenants.audit import Actor, record_audit_event
from tenants.jobs import JobStatus
from tenants.models import Project

REMOVED = "The subscription was removed before it was sent."


class AlreadySubscribedError(ProblemError):
    """The address hears of the same projects already."""

    code = "already_subscribed"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to hear of, and when not; minutes are of the organization's day.

    Without a project and a tag: of all projects; empty `products` and `modes`: of all.
    """

    project: Project | None = None
    tag: str = ""
    products: Sequence[str] = ()
    modes: Sequence[str] = ()
    tells_scans: bool = True
    tells_failed_scans: bool = False
    tells_verdicts: bool = True
    quiet_from: int | None = None
    quiet_until: int | None = None

    @classmethod
    def of(cls, row: Subscription) -> "Wish":
        """Return what a subscription asks for now."""
        return cls(
            project=row.project,
            tag=row.tag,
            products=tuple(row.products),
            modes=tuple(row.modes),
            tells_scans=row.tells_scans,
            tells_failed_scans=row.tells_failed_scans,
            tells_verdicts=row.tells_verdicts,
            quiet_from=row.quiet_from,
            quiet_until=row.quiet_until,
        )

    def as_json(self) -> dict[str, object]:
        """Return it as the audit log keeps it."""
        return {
            "project": self.project.name if self.project else "",
            "tag": self.tag,
            "products": list(self.products),
            "modes": list(self.modes),
            "tells_scans": self.tells_scans,
            "tells_failed_scans": self.tells_failed_scans,
            "tells_verdicts": self.tells_verdicts,
            "quiet": [self.quiet_from, self.quiet_until],
        }


@transaction.atomic
def subscribe_address(*, address: str, wish: Wish, actor: Actor, now: datetime) -> Subscription:
    """Let a mail address hear of scans.

    Raises AlreadySubscribedError where it hears of these projects, InvalidInputError where it
    would hear of nothing.
    """
    address = address.strip().lower()
    _require_something(wish, Channel.MAIL)
    row, is_new = Subscription.objects.get_or_create(
        channel=Channel.MAIL,
        address=address,
        project=wish.project,
        tag=wish.tag,
        defaults={**_fields(wish), "created_by": actor.user, "created_at": now},
    )
    if not is_new:
        raise _already(address)
    record_audit_event(
        actor=actor, action="subscription.added", object_label=str(row), after=wish.as_json()
    )
    subscription: Subscription = row
    return subscription


@transaction.atomic
def change_subscription(*, subscription_id: int, wish: Wish, actor: Actor) -> Subscription:
    """Let a subscription ask for something else. Raises as subscribe_address, and NotFoundError."""
    row = _locked(subscription_id)
    _require_something(wish, Channel(row.channel))
    before = Wish.of(row)
    if before == wish:
        return row
    same_target = Subscription.objects.filter(
        workspace=row.workspace_id, slack_channel_id=row.slack_channel_id, address=row.address
    )
    others = same_target.filter(project=wish.project, tag=wish.tag).exclude(pk=row.pk)
    if others.exists():
        raise _already(str(row))
    for name, value in _fields(wish).items():
        setattr(row, name, value)
    row.save(update_fields=list(_fields(wish)))
    record_audit_event(
        actor=actor,
        action="subscription.changed",
        object_label=str(row),
        before=before.as_json(),
        after=wish.as_json(),
    )
    return row


@transaction.atomic
def remove_subscription(*, subscription_id: int, actor: Actor, now: datetime) -> Subscription:
    """End a subscription; what waits to be sent to it is not sent. Raises NotFoundError."""
    row = _locked(subscription_id)
    waiting = Delivery.objects.filter(
        subscription=row, status__in=(JobStatus.WAITING, JobStatus.FAILED)
    )
    waiting.update(status=JobStatus.DONE, finished_at=now, error=REMOVED)
    record_audit_event(
        actor=actor,
        action="subscription.removed",
        object_label=str(row),
        before=Wish.of(row).as_json(),
    )
    row.delete()
    return row


def _locked(subscription_id: int) -> Subscription:
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("project")
    row: Subscription | None = rows.filter(pk=subscription_id).first()
    if row is None:
        raise NotFoundError("There is no such subscription in this organization.")
    return row


def _fields(wish: Wish) -> dict[str, object]:
    return {
        "project": wish.project,
        "tag": wish.tag,
        "products": list(wish.products),
        "modes": list(wish.modes),
        "tells_scans": wish.tells_scans,
        "tells_failed_scans": wish.tells_failed_scans,
        "tells_verdicts": wish.tells_verdicts,
        "quiet_from": wish.quiet_from,
        "quiet_until": wish.quiet_until,
    }


def _require_something(wish: Wish, channel: Channel) -> None:
    hears_verdicts = wish.tells_verdicts and channel == Channel.SLACK
    if not (wish.tells_scans or wish.tells_failed_scans or hears_verdicts):
        raise InvalidInputError("Choose what it should hear of.", field="tells_scans")


def _already(name: str) -> AlreadySubscribedError:
    return AlreadySubscribedError(
        f"{name} hears of these projects already: change that subscription instead.",
        field="address",
    )
