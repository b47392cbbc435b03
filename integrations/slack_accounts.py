"""Which member a person in Slack is: she says so herself, signed in here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from core.errors import NotFoundError, ProblemError
from integrations.models import SlackAccount, SlackWorkspace
from integrations.slack_workspaces import get_workspace
from tenants.audit import Actor, record_audit_event
from tenants.models import Membership, Organization

LIFETIME = timedelta(minutes=30)
_SALT = "integrations.slack_accounts"
_LONGEST = 2000


class StaleLinkError(ProblemError):
    """The address for linking is not good, or not good any more."""

    code = "stale_link"
    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A person in Slack of whom nobody has said who she is."""

    workspace: SlackWorkspace
    slack_user_id: str
    name: str
    """As Slack tells it."""


def member_of(*, workspace: SlackWorkspace, slack_user_id: str) -> Membership | None:
    """Return the member that a person in Slack is; nobody whose account here is closed."""
    account: SlackAccount | None = (
        SlackAccount.objects.filter(
            workspace=workspace, slack_user_id=slack_user_id, member__user__is_active=True
        )
        .select_related("member__user")
        .first()
    )
    return account.member if account else None


def link_url(*, workspace: SlackWorkspace, slack_user_id: str, name: str, now: datetime) -> str:
    """Return the address at which a member says that she is this person in Slack."""
    organization: Organization = workspace.organization
    told = {
        "organization": organization.pk,
        "workspace": workspace.pk,
        "person": slack_user_id,
        "name": name[:80],
        "until": (now + LIFETIME).timestamp(),
    }
    token = signing.dumps(told, salt=_SALT)
    path = reverse("notifications:slack-link", args=[organization.slug, token])
    return f"{settings.PUBLIC_URL}{path}"


def read_link(*, token: str, organization_id: int, now: datetime) -> Stranger:
    """Return who is to be linked. Raises StaleLinkError."""
    try:
        told: dict[str, Any] = signing.loads(token[:_LONGEST], salt=_SALT)
        is_good = told["organization"] == organization_id and now.timestamp() <= told["until"]
        workspace = get_workspace(told["workspace"]) if is_good else None
    except (signing.BadSignature, NotFoundError):
        workspace = None
    if workspace is None:
        raise StaleLinkError(
            "This address is not good, or older than 30 minutes; press a button in Slack again to"
            " get another."
        )
    return Stranger(workspace=workspace, slack_user_id=told["person"], name=told["name"])


@transaction.atomic
def link(*, stranger: Stranger, member: Membership, actor: Actor, now: datetime) -> SlackAccount:
    """Note that a person in Slack is this member; another member that she was is forgotten."""
    row: SlackAccount
    row, _ = SlackAccount.objects.update_or_create(
        workspace=stranger.workspace,
        slack_user_id=stranger.slack_user_id,
        defaults={"member": member, "created_at": now},
    )
    record_audit_event(
        actor=actor,
        action="slack_account.linked",
        object_label=str(member.user),
        after={"slack_user_id": stranger.slack_user_id, "workspace": str(stranger.workspace)},
    )
    return row


@transaction.atomic
def unlink(*, account_id: int, member: Membership, may_any: bool, actor: Actor) -> None:
    """Forget who a person in Slack is; her own link, or with `may_any` anybody's.

    Raises NotFoundError.
    """
    rows = SlackAccount.objects.filter(id=account_id).select_related("member__user")
    row = (rows if may_any else rows.filter(member=member)).first()
    if row is None:
        raise NotFoundError("There is no such link to unmake.")
    record_audit_event(
        actor=actor,
        action="slack_account.unlinked",
        object_label=str(row.member.user),
        before={"slack_user_id": row.slack_user_id},
    )
    row.delete()


def accounts() -> QuerySet[SlackAccount]:
    """Return who is linked, by workspace and name."""
    rows: QuerySet[SlackAccount] = SlackAccount.objects.select_related("workspace", "member__user")
    return rows.order_by("workspace_id", "member__user__name", "id")
