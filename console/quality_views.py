"""The Assistant quality page: what people made of it, and measuring a model or a prompt."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from console.forms import DEFAULT_MOST, EvaluationForm
from console.plots import calibration_plot, weeks_plot
from core.errors import InvalidInputError
from core.numbers import id_of
from findings.models import Conclusion, Finding
from insights.quality import DEFAULT_PERIOD, PERIODS, quality_since
from llm.providers.registry import current_provider
from remediation.reasons import Reason
from tenants.audit import Actor
from tenants.permissions import MemberRequest, Permission, requires
from triage.comparison import compare
from triage.estimates import estimate_for
from triage.evaluations import request_evaluation
from triage.known_answers import known_answers
from triage.models import Analysis, AnalysisStatus, EvaluationRun
from triage.prompt_files import judge_prompts

MOST_RUNS = 20
MOST_ROWS = 100
DECIMALS = {"cost_usd": 4, "seconds": 1}
REPORT_ROWS = (
    ("n", "Findings", ""),
    ("true_positives_kept", "True positives kept", "Not called a false positive."),
    ("true_positives_dismissed", "True positives dismissed", "The worst that a judge can do."),
    ("false_positives_dismissed", "False positives dismissed", "The work that it saves."),
    ("false_positives_kept", "False positives kept", ""),
    ("needs_review", "Left to a person", "They count as kept, too."),
    ("precision", "Precision", "True ones of all kept."),
    ("recall", "Recall", "Kept ones of all true."),
    ("f1", "F1", "The harmonic mean of both."),
    (
        "expected_calibration_error",
        "Calibration error",
        "How far confidence is from being right; 0 is best.",
    ),
    ("tokens", "Tokens", ""),
    ("cost_usd", "Cost in US dollars", ""),
    ("seconds", "Seconds of the model", ""),
)


@require_safe
@requires(Permission.MANAGE_ASSISTANT)
def quality(request: MemberRequest) -> HttpResponse:
    """Show how good the assistant was in the period that the address names."""
    asked = request.GET.get("days", "")
    days = next((days for days in PERIODS if str(days) == asked), DEFAULT_PERIOD)
    return _page(request, days=days, form=EvaluationForm(initial=_first_choice()))


@require_POST
@requires(Permission.MANAGE_ASSISTANT)
def start_evaluation(request: MemberRequest) -> HttpResponse:
    """Start to measure a model and a prompt on what people decided."""
    form = EvaluationForm(request.POST)
    if form.is_valid():
        try:
            run = request_evaluation(
                name=form.cleaned_data["name"],
                model=form.cleaned_data["model"],
                prompt_name=form.cleaned_data["prompt"],
                most=form.cleaned_data["most"],
                actor=Actor.person(request.member.user),
                now=timezone.now(),
            )
        except InvalidInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.detail)
        else:
            return redirect("console:evaluation", request.organization.slug, run.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(request, days=DEFAULT_PERIOD, form=form, status=status)


@require_safe
@requires(Permission.MANAGE_ASSISTANT)
def evaluation(request: MemberRequest, evaluation_id: int) -> HttpResponse:
    """Show one evaluation, beside another one where the address names it; htmx gets the panel."""
    run = get_object_or_404(EvaluationRun.objects.select_related("actor"), pk=evaluation_id)
    others = EvaluationRun.objects.filter(status=AnalysisStatus.DONE).exclude(pk=run.pk)
    other = others.filter(pk=id_of(request.GET.get("with", "")) or 0).first()
    is_fragment = request.headers.get("HX-Request") == "true"
    context = {
        "run": run,
        "other": other,
        "others": others.defer("results").order_by("-id")[:MOST_RUNS],
        "report_rows": _report_rows(run, other),
        "is_over": run.status in {AnalysisStatus.DONE, AnalysisStatus.FAILED},
        **_differences(run, other),
    }
    template = "console/_quality_evaluation.html" if is_fragment else "console/quality_run.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _page(
    request: MemberRequest,
    *,
    days: int,
    form: EvaluationForm,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    figures = quality_since(days=days, now=timezone.now())
    answers = len(known_answers())
    context = {
        "days": days,
        "periods": PERIODS,
        "quality": figures,
        "weeks": weeks_plot(figures.weeks),
        "calibration": calibration_plot(figures.calibration),
        "refusals": [
            {"sentence": _sentence(one.reason), "count": one.count}
            for one in figures.fixes.refusals
        ],
        "runs": EvaluationRun.objects.defer("results").order_by("-id")[:MOST_RUNS],
        "form": form,
        "answers": answers,
        "estimate": estimate_for(count=min(answers, DEFAULT_MOST), wanted=[Analysis.JUDGE]),
        "unusable_prompts": [one for one in judge_prompts() if one.problem],
    }
    return render(request, "console/quality.html", context, status=status)


def _first_choice() -> Mapping[str, str]:
    provider = current_provider()
    return {"model": "" if provider.is_offline else provider.model}


def _sentence(reason: str) -> str:
    return {known.value: known.sentence for known in Reason}.get(reason, reason)


def _differences(run: EvaluationRun, other: EvaluationRun | None) -> dict[str, Any]:
    """Return the findings that two runs judged differently, else those that one got wrong."""
    if other is not None:
        compared = compare(other.results, run.results)
        shown = compared.differences[:MOST_ROWS]
        names = _findings(one.finding_id for one in shown)
        rows = [{"finding": names.get(one.finding_id), "difference": one} for one in shown]
        return {"comparison": compared, "differences": rows}
    not_wrong = {None, Conclusion.NEEDS_REVIEW.value}
    wrong = [one for one in run.results if one.get("verdict") not in {one["label"], *not_wrong}]
    names = _findings(one["finding_id"] for one in wrong[:MOST_ROWS])
    return {
        "wrong_count": len(wrong),
        "problems": [one["problem"] for one in run.results if one.get("problem")],
        "wrong": [
            {
                "finding": names.get(one["finding_id"]),
                "label": Conclusion(one["label"]).label,
                "verdict": Conclusion(one["verdict"]).label,
                "confidence": one["confidence"],
            }
            for one in wrong[:MOST_ROWS]
        ],
    }


def _report_rows(run: EvaluationRun, other: EvaluationRun | None) -> list[dict[str, str]]:
    return [
        {
            "label": label,
            "help": told,
            "before": _figure(name, other.report.get(name)) if other else "",
            "after": _figure(name, run.report.get(name)),
        }
        for name, label, told in REPORT_ROWS
    ]


def _figure(name: str, value: float | None) -> str:
    # A cost of nothing is one that is not known: no prices are set, or no model was asked.
    if value is None or (name == "cost_usd" and not value):
        return "\N{EN DASH}"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.{DECIMALS.get(name, 3)}f}"


def _findings(ids: Iterable[int]) -> dict[int, Finding]:
    found = Finding.objects.filter(pk__in=list(ids)).select_related("rule", "file", "project")
    return {finding.pk: finding for finding in found}
