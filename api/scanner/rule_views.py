"""Rules by address: `semgrep --config p/NAME` and `--config r/ID` against us."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from api.errors import MethodRefusedError, problem_response
from api.scanner.configuration import SUPPORTED_PRODUCTS, products_to_serve
from api.scanner.doors import ScannerRequest, scanner_door
from core.errors import NotFoundError
from rules.policies import rules_of_all_policies, rules_of_policy

PRODUCTS = products_to_serve(SUPPORTED_PRODUCTS)


def rule_lints(request: HttpRequest) -> HttpResponse:
    """Serve no rules about rules: `semgrep validate` asks for them, without a token."""
    if request.method != "GET":
        return problem_response(MethodRefusedError(str(request.method), allowed="GET"))
    return JsonResponse({"rules": []})


@scanner_door("GET")
def rules_of_one_policy(_request: ScannerRequest, slug: str) -> HttpResponse:
    """Serve the rules of a policy."""
    served = rules_of_policy(slug=slug, products=PRODUCTS)
    return _rules(served.definitions, missing="There is no such policy, or it has no rules.")


@scanner_door("GET")
def rule_by_id(_request: ScannerRequest, rule_id: str) -> HttpResponse:
    """Serve one rule."""
    served = rules_of_all_policies(products=PRODUCTS)
    definitions = [rule for rule in served.definitions if rule["id"] == rule_id]
    return _rules(definitions, missing="There is no such rule in your policies.")


def _rules(definitions: Sequence[Mapping[str, Any]], *, missing: str) -> HttpResponse:
    if not definitions:
        raise NotFoundError(missing)
    return JsonResponse({"rules": definitions})
