"""Opens the scope of the organization that a page's address names, for its members."""

import contextlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from tenants.models import Membership
from tenants.scope import organization_scope
from tenants.selectors import memberships_of

ANY_ORGANIZATION = "-"


class OrganizationScopeMiddleware:
    """Sets `request.memberships`, and inside an organization `request.member` and its scope.

    The slug `-`, which the scanner prints in links, stands for the person's first organization.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request within the scope that its address names."""
        slug = self._organization_slug(request)
        if slug is None or not request.user.is_authenticated:
            return self.get_response(request)
        memberships = memberships_of(request.user)
        member = self._find(memberships, slug)
        request.memberships = memberships  # type: ignore[attr-defined]  # MemberRequest declares it
        if member is None:
            return self.get_response(request)
        request.member = member  # type: ignore[attr-defined]  # MemberRequest declares it
        request.organization = member.organization  # type: ignore[attr-defined]  # as above
        with contextlib.ExitStack() as stack:
            stack.enter_context(organization_scope(member.organization.pk))
            return self.get_response(request)

    @staticmethod
    def _organization_slug(request: HttpRequest) -> str | None:
        try:
            slug = resolve(request.path_info).kwargs.get("organization_slug")
        except Resolver404:
            return None
        return None if slug is None else str(slug)

    @staticmethod
    def _find(memberships: list[Membership], slug: str) -> Membership | None:
        if slug == ANY_ORGANIZATION:
            return memberships[0] if memberships else None
        return next((one for one in memberships if one.organization.slug == slug), None)
