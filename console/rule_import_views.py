"""Bringing rules into the library: the form, the shipped pack, and what became of it."""

from collections.abc import Sequence
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.rule_forms import ImportForm, limit_in_words, uploads_of
from core.errors import ProblemError
from rules.archives import MAX_UPLOAD_BYTES
from rules.library_imports import Destination, report_of, want_import
from rules.models import Mode, Policy, RuleImport, Ruleset, RuleSource
from rules.shipped import NAME, shipped_rules
from rules.storing import make_default_policy
from rules.uploads import Upload, read_uploads
from tenants.audit import Actor
from tenants.jobs import LIVE
from tenants.permissions import MemberRequest, Permission, requires

MOST_POLICIES = 200
MOST_IMPORTS = 10


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_RULES)
def import_rules(request: MemberRequest) -> HttpResponse:
    """Offer to import rules; a POST brings the files."""
    policies = list(Policy.objects.order_by("-is_default", "name")[:MOST_POLICIES])
    if request.method != "POST":
        return _page(request, ImportForm(policies=policies, initial={"mode": Mode.MONITOR}))
    form = ImportForm(request.POST, policies=policies)
    if form.is_valid():
        try:
            wanted = _want(request, form)
        except ProblemError as error:
            form.add_error(error.field if error.field in form.fields else None, error.detail)
        else:
            return redirect("console:rule-import", request.organization.slug, wanted.pk)
    return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@requires(Permission.MANAGE_RULES)
def add_shipped(request: MemberRequest) -> HttpResponse:
    """Bring the shipped pack into the library, in monitor mode in the default policy."""
    now = timezone.now()
    ruleset = Ruleset.objects.filter(source=RuleSource.SHIPPED).first()
    # Who has it already has decided about modes: the rules alone are brought up to date.
    policy = None if ruleset else make_default_policy(now=now)
    wanted = want_import(
        package=shipped_rules(),
        name="the shipped pack",
        destination=Destination(ruleset_name=NAME, policy=policy, source=RuleSource.SHIPPED),
        actor=Actor.person(request.member.user),
        now=now,
    )
    return redirect("console:rule-import", request.organization.slug, wanted.pk)


@require_safe
@requires(Permission.MANAGE_RULES)
def rule_import(request: MemberRequest, import_id: int) -> HttpResponse:
    """Show what became of an import; it asks again by itself while it runs."""
    found = get_object_or_404(
        RuleImport.objects.defer("files").select_related("policy"), pk=import_id
    )
    report = report_of(found)
    context = {
        "rule_import": found,
        "report": report,
        "is_over": found.status not in LIVE,
        "more_refused": report.refused_count - len(report.refused),
    }
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "console/_rule_import.html" if is_fragment else "console/rule_import.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _want(request: MemberRequest, form: ImportForm) -> RuleImport:
    files = request.FILES.getlist("files")
    folder = request.FILES.getlist("folder")
    uploads = uploads_of(files, "") + uploads_of(folder, request.POST.get("paths", ""))
    destination = Destination(
        ruleset_name=form.cleaned_data["ruleset"],
        policy=form.chosen_policy(),
        mode=Mode(form.cleaned_data["mode"]),
        source=RuleSource(form.cleaned_data["source"]),
    )
    return want_import(
        package=read_uploads(uploads),
        name=_name(uploads),
        destination=destination,
        actor=Actor.person(request.member.user),
        now=timezone.now(),
    )


def _name(uploads: Sequence[Upload]) -> str:
    """Return what was chosen: the file, the folder, or how many files."""
    if not uploads:
        return ""
    folder, is_folder, _rest = uploads[0].name.partition("/")
    if is_folder or len(uploads) == 1:
        return folder
    return f"{len(uploads)} files"


def _page(
    request: MemberRequest, form: ImportForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {
        "form": form,
        "limit": limit_in_words(),
        "most_bytes": MAX_UPLOAD_BYTES,
        # One for an empty field, which browsers send too.
        "most_files": (settings.DATA_UPLOAD_MAX_NUMBER_FILES or 0) - 1,
        "rulesets": Ruleset.objects.exclude(source=RuleSource.SHIPPED).order_by("name"),
        "has_shipped": Ruleset.objects.filter(source=RuleSource.SHIPPED).exists(),
        "imports": RuleImport.objects.defer("files", "report").order_by("-id")[:MOST_IMPORTS],
    }
    return render(request, "console/rules_import.html", context, status=status)
