"""What admins may enter about a subscription."""

from datetime import time
from typing import Any

from django import forms

from findings.models import Product
from notifications.models import Channel, Subscription
from notifications.subscribing import Wish
from rules.models import Mode
from tenants.models import Project

MODES = [(mode.value, mode.label) for mode in Mode if mode != Mode.DISABLED]
_HOURS_TOGETHER = "Enter both times of the quiet hours, or neither."
_HOURS_DIFFER = "Quiet hours that end when they begin are none: enter another time."


class SubscriptionForm(forms.Form):
    """What a subscription asks for; `scope` is blank, `project:<id>` or `tag:<tag>`."""

    scope = forms.ChoiceField(required=False, label="Projects")
    tells_scans = forms.BooleanField(required=False, label="New findings of a scan")
    tells_failed_scans = forms.BooleanField(required=False, label="Scans that failed")
    tells_verdicts = forms.BooleanField(required=False, label="Verdicts to agree with")
    products = forms.MultipleChoiceField(required=False, choices=Product.choices, label="Products")
    modes = forms.MultipleChoiceField(required=False, choices=MODES, label="Modes of the rules")
    quiet_from = forms.TimeField(required=False, label="Quiet from")
    quiet_until = forms.TimeField(required=False, label="Quiet until")

    def __init__(self, *args: Any, projects: list[Project], tags: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._projects = {f"project:{one.pk}": one for one in projects}
        self.project_choices = [(key, one.name) for key, one in self._projects.items()]
        self.tag_choices = [(f"tag:{tag}", tag) for tag in tags]
        self.fields["scope"].choices = [  # type: ignore[attr-defined]  # a choice field's
            ("", "All"),
            *self.project_choices,
            *self.tag_choices,
        ]

    @staticmethod
    def initial_of(row: Subscription | None, channel: Channel) -> dict[str, Any]:
        """Return what fills the form: a subscription, or what a new one usually asks for."""
        wish = Wish(tells_failed_scans=channel == Channel.MAIL) if row is None else Wish.of(row)
        scope = f"tag:{wish.tag}" if wish.tag else ""
        return {
            "scope": f"project:{wish.project.pk}" if wish.project else scope,
            "tells_scans": wish.tells_scans,
            "tells_failed_scans": wish.tells_failed_scans,
            "tells_verdicts": wish.tells_verdicts,
            "products": list(wish.products),
            "modes": list(wish.modes),
            "quiet_from": _time(wish.quiet_from),
            "quiet_until": _time(wish.quiet_until),
        }

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours of which half is missing."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if {"quiet_from", "quiet_until"} & set(self.errors):
            return values
        begin, end = values.get("quiet_from"), values.get("quiet_until")
        if (begin is None) != (end is None):
            self.add_error("quiet_until" if end is None else "quiet_from", _HOURS_TOGETHER)
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _HOURS_DIFFER)
        return values

    def wish(self) -> Wish:
        """Return what was entered."""
        values = self.cleaned_data
        scope: str = values["scope"]
        return Wish(
            project=self._projects.get(scope),
            tag=scope.removeprefix("tag:") if scope.startswith("tag:") else "",
            products=_some(values["products"], len(Product.choices)),
            modes=_some(values["modes"], len(MODES)),
            tells_scans=values["tells_scans"],
            tells_failed_scans=values["tells_failed_scans"],
            tells_verdicts=values["tells_verdicts"],
            quiet_from=_minute(values["quiet_from"]),
            quiet_until=_minute(values["quiet_until"]),
        )


class AddressForm(SubscriptionForm):
    """A mail address, and what it should hear of."""

    address = forms.EmailField(
        label="Address",
        max_length=254,
        error_messages={
            "required": "Enter the mail address that should hear of scans.",
            "invalid": "Enter one mail address, such as security@example.com.",
        },
    )


def _some(chosen: list[str], all_there_is: int) -> tuple[str, ...]:
    """Return what was chosen; all and none both ask for everything."""
    return () if len(chosen) == all_there_is else tuple(chosen)


def _minute(moment: time | None) -> int | None:
    return None if moment is None else moment.hour * 60 + moment.minute


def _time(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"
