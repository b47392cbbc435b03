"""What admins may enter about their organization."""

from django import forms

from tenants.models import TokenKind


class TokenForm(forms.Form):
    """A token to be made."""

    name = forms.CharField(max_length=100, label="Name")
    kind = forms.ChoiceField(choices=TokenKind.choices, label="Kind")
