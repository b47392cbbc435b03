"""What admins may enter about webhooks of their own."""

from typing import Any

from django import forms

from core.addresses import problem_of_web_address
from notifications.models import OutgoingWebhook
from notifications.outgoing_webhooks import WantedWebhook
from tenants.models import Project

SHORTEST_SECRET = 15
LONGEST_SECRET = 200
_OWN_WORDS = {
    "This is no": "This is no web address; enter one like https://hooks.example/findings.",
    "The address must": "The address must begin with https://: findings go there. Plain http is for"
    " hosts that an operator lists in ALLOW_PRIVATE_ADDRESSES.",
    "Enter the address": "Enter the address without a name or password in it; the signature tells"
    " who calls.",
}


class WebhookForm(forms.Form):
    """A webhook: where it is, what it hears of, and what signs."""

    name = forms.CharField(
        max_length=200, label="Name", error_messages={"required": "Enter a name to know it by."}
    )
    url = forms.CharField(
        max_length=2000,
        label="Address",
        error_messages={"required": "Enter the address that is to be called."},
    )
    sends_scans = forms.BooleanField(required=False, label="Every scan that has ended")
    sends_findings = forms.BooleanField(required=False, label="New findings")
    scope = forms.ChoiceField(required=False, label="Projects")
    secret = forms.CharField(
        required=False,
        strip=False,
        min_length=SHORTEST_SECRET,
        max_length=LONGEST_SECRET,
        label="Secret",
        error_messages={
            "min_length": f"A secret has at least {SHORTEST_SECRET} characters; longer is better."
        },
    )
    removes_secret = forms.BooleanField(required=False, label="Remove the secret")

    def __init__(self, *args: Any, stored: OutgoingWebhook | None = None, **kwargs: Any) -> None:
        if stored is not None:
            kwargs.setdefault("initial", _initial(stored))
        super().__init__(*args, **kwargs)
        self.stored = stored
        self.fields["scope"].choices = _scopes(stored)  # type: ignore[attr-defined]  # a ChoiceField

    def clean_url(self) -> str:
        """Refuse what is no address that may be called; no name is looked up."""
        url: str = self.cleaned_data["url"]
        if problem := problem_of_web_address(url):
            own = (words for begin, words in _OWN_WORDS.items() if problem.startswith(begin))
            raise forms.ValidationError(next(own, problem))
        return url

    def clean(self) -> dict[str, Any]:
        """Ask for something to send."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not values.get("sends_scans") and not values.get("sends_findings"):
            self.add_error("sends_scans", "Choose at least one thing that it hears of.")
        return values

    def wanted(self) -> WantedWebhook:
        """Return what was entered."""
        values = self.cleaned_data
        kind, _, chosen = values["scope"].partition(":")
        project = Project.objects.get(id=chosen) if kind == "project" else None
        return WantedWebhook(
            name=values["name"],
            url=values["url"],
            sends_scans=values["sends_scans"],
            sends_findings=values["sends_findings"],
            project=project,
            tag=chosen if kind == "tag" else "",
            secret=self._secret(),
        )

    def _secret(self) -> str | None:
        if self.cleaned_data["secret"]:
            return str(self.cleaned_data["secret"])
        return "" if self.cleaned_data["removes_secret"] else None


def _initial(stored: OutgoingWebhook) -> dict[str, Any]:
    scope = f"project:{stored.project_id}" if stored.project_id else ""
    return {
        "name": stored.name,
        "url": stored.url,
        "sends_scans": stored.sends_scans,
        "sends_findings": stored.sends_findings,
        "scope": f"tag:{stored.tag}" if stored.tag else scope,
    }


def _scopes(stored: OutgoingWebhook | None) -> list[Any]:
    """Return all projects, each tag, and each project."""
    rows = list(Project.objects.filter(is_archived=False).order_by("name"))
    if stored is not None and stored.project is not None and stored.project not in rows:
        rows.append(stored.project)
    tags = {tag for row in rows for tag in row.tags}
    if stored is not None and stored.tag:
        tags.add(stored.tag)
    groups = [
        ("Projects with a tag", [(f"tag:{tag}", tag) for tag in sorted(tags)]),
        ("One project", [(f"project:{row.pk}", row.name) for row in rows]),
    ]
    return [("", "All projects"), *((label, choices) for label, choices in groups if choices)]
