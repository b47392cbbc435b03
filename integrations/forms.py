"""What admins may enter about connections."""

from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django import forms

from core.addresses import problem_of_web_address
from integrations.models import ConnectionKind

LONGEST_TOKEN = 1000
LONGEST_BUNDLE = 100_000
PRIVATE_KEY = "PRIVATE KEY"
HOMES = {
    ConnectionKind.GITHUB: "https://github.com",
    ConnectionKind.GITLAB: "https://gitlab.com",
}


class PlaceForm(forms.Form):
    """Where the code host is: the public one, or one of the customer's own."""

    base_url = forms.CharField(required=False, max_length=1000, label="Address")
    ca_bundle = forms.CharField(
        required=False, max_length=LONGEST_BUNDLE, label="Certificate authorities"
    )

    def __init__(self, *args: Any, kind: ConnectionKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    @property
    def shown_bundle(self) -> str:
        """What the page may show of what was entered: no private key that slipped in."""
        text = str(self["ca_bundle"].value() or "")
        return "" if PRIVATE_KEY in text else text

    def clean_base_url(self) -> str:
        """Return the address without a slash at its end; the public host's where none is given."""
        address: str = self.cleaned_data["base_url"].rstrip("/") or HOMES[self.kind]
        if problem := problem_of_web_address(address):
            raise forms.ValidationError(problem)
        parts = urlsplit(address)
        if parts.query or parts.fragment:
            raise forms.ValidationError("Enter the address of the host alone, up to its path.")
        if any(sign in address for sign in ";,'\"\\"):
            raise forms.ValidationError("The address has a sign that no host's address has.")
        return address

    def clean_ca_bundle(self) -> str:
        """Return the certificates alone, once each of them can be read."""
        text: str = self.cleaned_data["ca_bundle"].strip()
        if not text:
            return ""
        if PRIVATE_KEY in text:
            raise forms.ValidationError(
                "There is a private key in it, which must stay where it is: enter certificates"
                " alone. Consider the key known, for it has left its place."
            )
        try:
            certificates = x509.load_pem_x509_certificates(text.encode())
        except ValueError as error:
            raise forms.ValidationError(
                "These are no certificates in PEM form; each begins with"
                " -----BEGIN CERTIFICATE-----."
            ) from error
        return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


class AppForm(PlaceForm):
    """A GitHub App that is to be created."""

    owner = forms.RegexField(
        r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,98}[A-Za-z0-9])?$",
        required=False,
        label="GitHub organization",
        error_messages={
            "invalid": "Enter the organization's name as it stands in its address at GitHub."
        },
    )


class TokenField(forms.CharField):
    """An access token, which is never shown again."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_TOKEN, label="Token", **options)

    def clean(self, value: Any) -> str:
        """Refuse what cannot stand in a header."""
        token: str = super().clean(value)
        if not token.isascii() or not token.isprintable() or " " in token:
            raise forms.ValidationError(
                "The token has a blank or a sign that no token has; copy it anew."
            )
        return token


class TokenConnectionForm(PlaceForm):
    """A connection that signs in with a token."""

    name = forms.CharField(max_length=200, required=False, label="Name")
    token = TokenField()

    def clean(self) -> dict[str, Any]:
        """Name the connection after its host where no name was given."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("name") and values.get("base_url"):
            values["name"] = urlsplit(values["base_url"]).netloc
        return values


class NewTokenForm(forms.Form):
    """Another token for a connection."""

    token = TokenField()


class RenameForm(forms.Form):
    """Another name for a connection."""

    name = forms.CharField(max_length=200, label="Name")
