"""Running a rule on its test code, and how far that has come."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from rules.editor_views import Posted
from rules.models import RuleTrial
from rules.trial_shown import show_trial
from rules.trials import want_trial
from tenants.permissions import MemberRequest, Permission, requires


@require_POST
@requires(Permission.MANAGE_RULES)
def trials(request: MemberRequest) -> HttpResponse:
    """Have a worker run the rule; htmx gets the panel, which asks again until it has ended.

    The address leads back to what was run: a page that is loaded anew loses nothing.
    """
    posted = Posted.read(request.POST)
    trial = want_trial(
        person=request.member.user,
        text=posted.text,
        test_code=posted.test_code,
        now=timezone.now(),
    )
    query = {"trial": trial.pk}
    if posted.rule is not None:
        query |= {"rule": posted.rule.pk, "version": posted.version or posted.rule.version}
    here = f"{reverse('rules:editor', args=[request.organization.slug])}?{urlencode(query)}"
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{here}#trial")
    response = _panel(request, trial)
    response.headers["HX-Replace-Url"] = here
    return response


@never_cache
@require_safe
@requires(Permission.VIEW)
def trial(request: MemberRequest, trial_id: int) -> HttpResponse:
    """Show how far a run has come."""
    return _panel(request, get_object_or_404(RuleTrial, id=trial_id))


def _panel(request: MemberRequest, shown: RuleTrial) -> HttpResponse:
    is_live, is_running, run = show_trial(shown)
    context = {"trial_id": shown.pk, "is_live": is_live, "is_running": is_running, "run": run}
    response = render(request, "rules/_trial.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
