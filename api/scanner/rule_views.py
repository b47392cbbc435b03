"""Rules by address: `semgrep --config p/NAME` and `--config r/ID` against us."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from api.errors import MethodRefusedError, problem_response
from api.scanner.configuration import SUPPORTED_PRODUCTS, serve_rules
from api.scanner.doors import ScannerRequest, scanner_door
from core.errors import NotFoundError
from rules.models import Mode, PolicyRule
from tenants.models import Project


def rule_lints(request: HttpRequest) -> HttpResponse:
    """Serve no rules about rules: `semgrep validate` asks for them, without a token."""
    if request.method != "GET":
        return problem_response(MethodRefusedError(str(request.method), allowed="GET"))
    return JsonResponse({"rules": []})


@scanner_door("GET")
def rules_of_policy(_request: ScannerRequest, slug: str) -> HttpResponse:
    """Serve the rules of a policy."""
    entries = PolicyRule.objects.exclude(mode=Mode.DISABLED).values_list(
        "policy__slug", "rule__path"
    )
    paths = {path for policy, path in entries if policy == slug}
    return _rules(paths, missing="There is no such policy, or it has no rules.")


@scanner_door("GET")
def rule_by_id(_request: ScannerRequest, rule_id: str) -> HttpResponse:
    """Serve one rule."""
    return _rules({rule_id}, missing="There is no such rule in your policies.")


def _rules(paths: set[str], *, missing: str) -> HttpResponse:
    served = serve_rules(project=Project(), products=SUPPORTED_PRODUCTS)
    definitions = [rule for rule in served.definitions if rule["id"] in paths]
    if not definitions:
        raise NotFoundError(missing)
    return JsonResponse({"rules": definitions})
