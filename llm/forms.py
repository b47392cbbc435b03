"""What admins may enter about the assistant."""

import copy
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from core.addresses import problem_of_web_address
from core.encryption import encrypt
from llm.models import (
    LONGEST_RETENTION_DAYS,
    AssistantSettings,
    LeastConfidence,
    LogMode,
    ProviderKind,
)
from llm.providers.targets import deployment_of, host_of
from llm.services import SWITCHES

MOST_FINDINGS_PER_SCAN = 100_000
LONGEST_KEY = 1000


class SwitchesForm(forms.Form):
    """What the assistant may do, how much of it, and what is kept."""

    is_enabled = forms.BooleanField(required=False, label="Let the assistant read code")
    judges = forms.BooleanField(required=False, label="Judge findings")
    fixes = forms.BooleanField(required=False, label="Propose fixes")
    least_fix_confidence = forms.TypedChoiceField(
        choices=LeastConfidence.choices, coerce=int, label="Show a fix from this confidence on"
    )
    uses_memories = forms.BooleanField(required=False, label="Use memories")
    findings_per_scan = forms.IntegerField(
        min_value=0, max_value=MOST_FINDINGS_PER_SCAN, label="Findings per scan"
    )
    monthly_budget_usd = forms.DecimalField(
        required=False,
        max_digits=10,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(99_999_999)],
        label="Monthly budget in US dollars",
    )
    retention_days = forms.IntegerField(
        min_value=1, max_value=LONGEST_RETENTION_DAYS, label="Days that texts are kept"
    )
    log_mode = forms.ChoiceField(choices=LogMode.choices, label="The model log keeps")

    def applied_to(self, row: AssistantSettings) -> AssistantSettings:
        """Return a copy of `row` with what was entered."""
        wanted = copy.copy(row)
        for name in SWITCHES:
            setattr(wanted, name, self.cleaned_data[name])
        return wanted


class ProviderForm(forms.Form):
    """Whose model answers. A blank key keeps the stored one, for the address it was entered for."""

    provider = forms.ChoiceField(choices=ProviderKind.choices, label="Provider")
    base_url = forms.CharField(required=False, max_length=1000, label="Address")
    model = forms.CharField(required=False, max_length=200, label="Model")
    api_key = forms.CharField(required=False, max_length=LONGEST_KEY, label="Key")
    removes_key = forms.BooleanField(required=False, label="Remove the stored key")

    def __init__(self, *args: Any, stored: AssistantSettings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored

    def clean_api_key(self) -> str:
        """Refuse what cannot stand in a header."""
        key: str = self.cleaned_data["api_key"]
        if not key.isascii() or not key.isprintable() or " " in key:
            raise forms.ValidationError(
                "The key has a blank or a sign that no key has; copy it anew."
            )
        return key

    def clean(self) -> dict[str, Any]:
        """Check that the parts fit the provider."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        kind = values.get("provider")
        if self.errors or kind == ProviderKind.INSTALLATION:
            return values
        if kind == ProviderKind.OPENAI:
            values["base_url"] = ""
        else:
            self._check_address(values["base_url"])
        if kind == ProviderKind.AZURE:
            self._check_deployment(values)
        if not values["model"] and not self.errors:
            self.add_error("model", "Name the model that is to answer.")
        self._check_key(values)
        return values

    def applied_to(self, row: AssistantSettings) -> AssistantSettings:
        """Return a copy of `row` with what was entered; an own provider stays while it rests."""
        values = self.cleaned_data
        wanted = copy.copy(row)
        wanted.provider = values["provider"]
        if wanted.provider != ProviderKind.INSTALLATION:
            wanted.base_url, wanted.model = values["base_url"], values["model"]
        if values["api_key"] and wanted.provider != ProviderKind.INSTALLATION:
            wanted.encrypted_api_key = encrypt(values["api_key"])
        elif values["removes_key"] or not self._is_same_place(wanted.base_url):
            wanted.encrypted_api_key = ""
        return wanted

    def _is_same_place(self, address: str) -> bool:
        return host_of(address) == host_of(self.stored.base_url)

    def _check_address(self, address: str) -> None:
        if problem := problem_of_web_address(address):
            self.add_error("base_url", problem)

    def _check_deployment(self, values: dict[str, Any]) -> None:
        if not self.errors and "/chat/completions" not in values["base_url"]:
            self.add_error(
                "base_url",
                "Enter the full target URI of the deployment, as the Azure portal shows it; it"
                " has /chat/completions in it.",
            )
        values["model"] = values["model"] or deployment_of(values["base_url"])

    def _check_key(self, values: dict[str, Any]) -> None:
        """Ask for a key where one is needed; a stored one goes to no other address."""
        if values["api_key"] or self.errors or values["provider"] == ProviderKind.COMPATIBLE:
            return
        has_one = bool(self.stored.encrypted_api_key) and not values["removes_key"]
        if has_one and not self._is_same_place(values["base_url"]):
            self.add_error(
                "api_key",
                "Enter the key for this address: the stored one was entered for"
                f" {host_of(self.stored.base_url)} and is sent nowhere else.",
            )
        elif not has_one:
            self.add_error("api_key", "This provider needs a key.")
