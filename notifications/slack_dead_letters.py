"""Messages that Slack did not take because of the token, sent again once the workspace works."""

import functools
import operator
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from core.errors import ProblemError
from integrations.models import ConnectionState, SlackWorkspace
from integrations.slack.failures import ACCESS_LOST_BEGINNINGS
from integrations.slack_workspaces import get_workspace
from notifications.deliveries import want_again
from notifications.models import Channel, Delivery
from tenants.audit import Actor, record_audit_event
from tenants.jobs import JobStatus

# What is older is no news any more; it stays a dead letter that can be sent one by one.
SENT_AGAIN_FOR = timedelta(days=7)


class SlackBrokenError(ProblemError):
    """Slack does not let us into the workspace, so that nothing can be sent there."""

    code = "slack_broken"
    status = HTTPStatus.CONFLICT


def count_held_back(*, now: datetime) -> Mapping[int, int]:
    """Return how many messages each workspace's token has held back, by its id."""
    counted = (
        _held_back(now)
        .values("subscription__workspace")
        .annotate(count=Count("id"))
        .values_list("subscription__workspace", "count")
    )
    return dict(counted)


@transaction.atomic
def send_held_back(*, workspace_id: int, actor: Actor, now: datetime) -> int:
    """Send again what died of a workspace's token; return how many messages that are.

    What may have arrived is looked for first, and stays a dead letter where nobody can tell.
    Raises NotFoundError, and SlackBrokenError where the workspace does not work.
    """
    row = get_workspace(workspace_id)
    if not can_send(row):
        raise SlackBrokenError(f"{row} does not let us in: install the app again, then send.")
    # Locked: who retries one of them at this moment is done, or waits until they are.
    rows = _held_back(now).filter(subscription__workspace=row).select_for_update(of=("self",))
    ids = list(rows.order_by("id").values_list("id", flat=True))
    if ids:
        Delivery.objects.filter(id__in=ids).update(may_repeat=False)
        want_again(delivery_ids=ids, at=now)
        record_audit_event(
            actor=actor,
            action="slack.sent_again",
            object_label=str(row),
            after={"messages": len(ids)},
        )
    return len(ids)


def can_send(workspace: SlackWorkspace) -> bool:
    """Say whether Slack let us in when we were there last."""
    return bool(workspace.state == ConnectionState.WORKING)


def _held_back(now: datetime) -> QuerySet[Delivery]:
    of_token = (Q(error__startswith=words) for words in ACCESS_LOST_BEGINNINGS)
    rows: QuerySet[Delivery] = Delivery.objects.filter(
        functools.reduce(operator.or_, of_token),
        channel=Channel.SLACK,
        status=JobStatus.FAILED,
        finished_at__gte=now - SENT_AGAIN_FOR,
        subscription__workspace__isnull=False,
    )
    return rows
