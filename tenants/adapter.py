"""How people come in: by e-mail; nobody signs up uninvited."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closes the open sign-up: organizations are made by operators, people are added by admins."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 allauth's signature
        """Say no."""
        return False
