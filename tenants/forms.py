"""What admins may enter about their organization."""

from typing import NoReturn

from allauth.account.forms import AddEmailForm
from django import forms

from tenants.models import TokenKind


class TokenForm(forms.Form):
    """A token to be made."""

    name = forms.CharField(max_length=100, label="Name")
    kind = forms.ChoiceField(choices=TokenKind.choices, label="Kind")


class NoFurtherEmailForm(AddEmailForm):  # type: ignore[misc]  # allauth has no types
    """Adds no address to an account: no mail proves yet whose it is, and it names who acts."""

    def clean_email(self) -> NoReturn:
        """Refuse it."""
        raise forms.ValidationError("An operator changes addresses.")
