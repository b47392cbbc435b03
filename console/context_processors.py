"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenants.permissions import Permission, may

THEMES = frozenset({"light", "dark"})


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the product's name, the theme, and the page's organization and member, if any."""
    member = getattr(request, "member", None)
    theme = request.COOKIES.get("theme", "")
    return {
        "product_name": settings.PRODUCT_NAME,
        "theme": theme if theme in THEMES else "",
        "organization": getattr(request, "organization", None),
        "member": member,
        "memberships": getattr(request, "memberships", []),
        "may_triage": member is not None and may(member, Permission.TRIAGE_FINDINGS),
        "may_manage_memories": member is not None and may(member, Permission.MANAGE_MEMORIES),
        "may_see_quality": member is not None and may(member, Permission.MANAGE_ASSISTANT),
        "may_manage_assistant": member is not None and may(member, Permission.MANAGE_ASSISTANT),
        "may_manage_connections": member is not None and may(member, Permission.MANAGE_CONNECTIONS),
        "may_manage_notifications": member is not None
        and may(member, Permission.MANAGE_NOTIFICATIONS),
        "may_manage_organization": member is not None
        and may(member, Permission.MANAGE_ORGANIZATION),
        "may_manage_projects": member is not None and may(member, Permission.MANAGE_PROJECTS),
        "may_manage_rules": member is not None and may(member, Permission.MANAGE_RULES),
        "may_manage_tokens": member is not None and may(member, Permission.MANAGE_TOKENS),
    }
