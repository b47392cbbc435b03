"""What members may do, by role, and the decorator that asks for it."""

import enum
import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from core.errors import PermissionRefusedError
from tenants.models import Membership, Organization, Role

Arguments = ParamSpec("Arguments")


class Permission(enum.Enum):
    """A thing that a member may or may not do."""

    VIEW = "view findings and scans"
    TRIAGE_FINDINGS = "triage findings"
    MANAGE_ORGANIZATION = "change the organization's name and time zone"
    MANAGE_TOKENS = "manage tokens"
    MANAGE_CONNECTIONS = "manage connections and comments in change requests"
    MANAGE_PROJECTS = "add and change projects"
    MANAGE_ASSISTANT = (
        "change the assistant's settings, or see its quality and what models were asked"
    )
    MANAGE_NOTIFICATIONS = "manage Slack, mail, webhooks and their deliveries"
    MANAGE_RULES = "change rules, policies and what scans leave out"
    MANAGE_MEMORIES = "make memories live, edit and delete them"


_BY_ROLE = {
    Role.ADMIN: frozenset(Permission),
    Role.MEMBER: frozenset({Permission.VIEW, Permission.TRIAGE_FINDINGS}),
    Role.READONLY: frozenset({Permission.VIEW}),
}


class MemberRequest(HttpRequest):
    """A request of a signed-in member, with her organization in scope."""

    organization: Organization
    member: Membership


def may(member: Membership, permission: Permission) -> bool:
    """Say whether the member's role allows it."""
    return permission in _BY_ROLE[Role(member.role)]


def requires(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[MemberRequest, Arguments], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, str, Arguments], HttpResponseBase],
]:
    """Let a view be called by members with `permission` alone.

    The view's URL names the organization (`organization_slug`); the middleware has opened its
    scope. Strangers get 404, as for an organization that does not exist; members who may not
    get 403 with the reason.
    """

    def decorate(
        view: Callable[Concatenate[MemberRequest, Arguments], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, str, Arguments], HttpResponseBase]:
        @login_required
        @functools.wraps(view)
        def wrapper(
            request: MemberRequest,
            organization_slug: str,  # noqa: ARG001 the middleware has read it
            *args: Arguments.args,
            **kwargs: Arguments.kwargs,
        ) -> HttpResponseBase:
            member = getattr(request, "member", None)
            if member is None:
                raise Http404
            if not may(member, permission):
                raise PermissionRefusedError(
                    f"Your role ({member.get_role_display()}) may not {permission.value};"
                    " ask an admin of your organization."
                )
            return view(request, *args, **kwargs)

        wrapper.required_permission = permission  # type: ignore[attr-defined]  # read by the isolation test
        return wrapper  # type: ignore[return-value]  # login_required widens the signature

    return decorate
