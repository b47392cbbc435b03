"""What admins may enter about their organization."""

from typing import Any, NoReturn

from allauth.account.forms import AddEmailForm
from django import forms

from tenants.models import Organization, TokenKind
from tenants.organizations import time_zones


class TokenForm(forms.Form):
    """A token to be made."""

    name = forms.CharField(max_length=100, label="Name")
    kind = forms.ChoiceField(choices=TokenKind.choices, label="Kind")


class OrganizationForm(forms.Form):
    """What an organization is called, and its time zone."""

    name = forms.CharField(
        max_length=200,
        label="Name",
        error_messages={"required": "Enter what the organization is called."},
    )
    time_zone = forms.ChoiceField(
        label="Time zone", error_messages={"required": "Choose a time zone."}
    )

    def __init__(self, *args: Any, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = time_zones()
        names = known if current in known else [current, *known]
        self.fields["time_zone"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]  # a choice field's

    @classmethod
    def of(cls, organization: Organization) -> "OrganizationForm":
        """Return the form as what is stored fills it."""
        initial = {"name": organization.name, "time_zone": organization.time_zone}
        return cls(initial=initial, current=organization.time_zone)


class NoFurtherEmailForm(AddEmailForm):  # type: ignore[misc]  # allauth has no types
    """Adds no address to an account: no mail proves yet whose it is, and it names who acts."""

    def clean_email(self) -> NoReturn:
        """Refuse it."""
        raise forms.ValidationError("An operator changes addresses.")
