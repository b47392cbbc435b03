"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the organization and the member of the page, if it has any."""
    return {
        "organization": getattr(request, "organization", None),
        "member": getattr(request, "member", None),
    }
