"""The page Settings, Assistant."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from llm.configuration import assistant_settings
from llm.forms import ProviderForm, SwitchesForm
from llm.models import AssistantSettings
from llm.presenting import page_facts
from llm.services import changes_provider, destination_of, needs_consent, save_settings
from llm.trials import Trial, try_provider
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires

NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Why something that was sent was not stored, or how a test went; blank parts say nothing."""

    trial: Trial | None = None
    consent: AssistantSettings | None = None
    is_test: bool = False

    @property
    def is_refusal(self) -> bool:
        """Whether what was sent is refused; a test that ran, and asking for consent, are not."""
        return self.consent is None and not (self.is_test and self.trial is not None)

    @property
    def destination(self) -> str:
        """To whom code would go."""
        return destination_of(self.consent) if self.consent else ""

    @property
    def consented_to(self) -> str:
        """What the button of the dialog says it agreed to."""
        return self.destination or NOBODY


@never_cache
@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_ASSISTANT)
def assistant(request: MemberRequest) -> HttpResponse:
    """Show the settings; a POST stores them, once the provider answers and consent is given."""
    stored, now = assistant_settings(), timezone.now()
    if request.method != "POST":
        return _page(request, _forms(None, stored), stored=stored, now=now)
    switches, provider = forms = _forms(request.POST, stored)
    if not (switches.is_valid() & provider.is_valid()):
        return _page(request, forms, stored=stored, now=now, outcome=Outcome())
    wanted = provider.applied_to(switches.applied_to(stored))
    outcome = _obstacle(stored, wanted, consent=request.POST.get("consent"), now=now)
    if outcome is not None:
        return _page(request, forms, stored=stored, now=now, outcome=outcome)
    save_settings(
        wanted=wanted,
        has_consented=needs_consent(before=stored, wanted=wanted),
        actor=Actor.person(request.member.user),
        now=now,
    )
    messages.success(request, "The assistant's settings are saved.")
    return _reloaded(request)


@never_cache
@sensitive_post_parameters("api_key")
@require_POST
@requires(Permission.MANAGE_ASSISTANT)
def test_connection(request: MemberRequest) -> HttpResponse:
    """Ask the provider that stands in the form, saved or not, one small question."""
    stored, now = assistant_settings(), timezone.now()
    forms = switches, provider = _forms(request.POST, stored)
    switches.is_valid()
    if not provider.is_valid():
        return _page(request, forms, stored=stored, now=now, outcome=Outcome(is_test=True))
    outcome = Outcome(trial=try_provider(wanted=provider.applied_to(stored), now=now), is_test=True)
    return _page(request, forms, stored=stored, now=now, outcome=outcome)


def _forms(data: QueryDict | None, stored: AssistantSettings) -> tuple[SwitchesForm, ProviderForm]:
    values = {name: getattr(stored, name) for name in SwitchesForm.base_fields}
    place = {name: getattr(stored, name) for name in ("provider", "base_url", "model")}
    return (
        SwitchesForm(data, initial=values),
        ProviderForm(data, initial=place, stored=stored),
    )


def _obstacle(
    stored: AssistantSettings, wanted: AssistantSettings, *, consent: str | None, now: datetime
) -> Outcome | None:
    """Return what keeps `wanted` from being stored: a provider that fails, a missing consent.

    `consent` is the address that was agreed to: one given for another address is none.
    """
    if wanted.is_enabled and changes_provider(before=stored, wanted=wanted):
        trial = try_provider(wanted=wanted, now=now)
        if not trial.is_good:
            return Outcome(trial=trial)
    asked = Outcome(consent=wanted)
    if needs_consent(before=stored, wanted=wanted) and consent != asked.consented_to:
        return asked
    return None


def _page(
    request: MemberRequest,
    forms: tuple[SwitchesForm, ProviderForm],
    *,
    stored: AssistantSettings,
    now: datetime,
    outcome: Outcome | None = None,
) -> HttpResponse:
    """Show the page; htmx gets what came of it alone, so that nothing typed is lost."""
    switches, provider = forms
    is_fragment = request.headers.get("HX-Request") == "true" and outcome is not None
    context: dict[str, Any] = {
        "switches": switches,
        "provider": provider,
        "outcome": outcome,
        "is_fragment": is_fragment,
        "facts": page_facts(stored, now=now),
    }
    if not is_fragment:
        template = "llm/assistant.html"
    else:
        template = "llm/_consent.html" if outcome and outcome.consent else "llm/_outcome.html"
    is_refused = outcome is not None and outcome.is_refusal
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    response = render(request, template, context, status=status)
    if template == "llm/_consent.html":
        response.headers["HX-Retarget"] = "#consent"
    patch_vary_headers(response, ["HX-Request"])
    return response


def _reloaded(request: MemberRequest) -> HttpResponse:
    """Lead back to the page, which shows what was stored."""
    if request.headers.get("HX-Request") != "true":
        return redirect("llm:assistant", organization_slug=request.organization.slug)
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    response.headers["HX-Redirect"] = reverse("llm:assistant", args=[request.organization.slug])
    return response
