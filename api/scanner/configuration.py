"""What a scan is told to do: the rules of its policies, and what was decided before."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.scanner import shapes
from core.errors import InvalidInputError
from findings.models import Instance, Product, State, TriageState
from rules.policies import ServedRules, has_dependency_rules, rules_for_scan
from tenants.models import Project
from tenants.path_ignores import ignored_paths

# What the open engine runs when it is told to; rules of secrets are rules of code to it.
SUPPORTED_PRODUCTS = (Product.SAST.value, Product.SCA.value)
KNOWN_PRODUCTS = frozenset(Product.values)


class UnsupportedProductError(InvalidInputError):
    """The scan was asked for products alone that we do not run."""

    code = "unsupported_product"


def choose_products(requested: Sequence[str]) -> list[str]:
    """Return the products to scan for; none requested means all that there are rules for.

    Raises UnsupportedProductError when nothing of what was requested can be scanned for.
    """
    field = "scan_metadata.requested_products"
    unknown = sorted(set(requested) - KNOWN_PRODUCTS)
    if unknown:
        raise InvalidInputError(
            f"{field}: {unknown[0]!r} is not a product; known are {', '.join(Product.values)}.",
            field=field,
        )
    if not requested:
        offers_dependencies = has_dependency_rules()
        return [Product.SAST.value, *([Product.SCA.value] if offers_dependencies else [])]
    chosen = [product for product in SUPPORTED_PRODUCTS if product in requested]
    if not chosen:
        raise UnsupportedProductError(
            f"{field}: the engine of Secrets alone is not part of this platform; its rules of"
            " secrets run with those of code. Run `semgrep ci --oss-only --code`, without"
            " --secrets.",
            field=field,
        )
    return chosen


def serve_rules(*, project: Project, products: Sequence[str]) -> ServedRules:
    """Return the rules that a scan of `project` gets, with their modes."""
    return rules_for_scan(project=project, products=products_to_serve(products))


def products_to_serve(products: Sequence[str]) -> list[str]:
    """Return the products whose rules are served: rules of secrets run with those of code."""
    with_code = [Product.SECRETS.value] if Product.SAST in products else []
    return [*products, *with_code]


def configuration(
    *, project: Project, served: ServedRules, modes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return `config` and `engine_params`.

    `modes` are those written down when the scan began: a rule that a policy got since is not
    served, because nobody could say later what its matches lead to.
    """
    definitions = [
        definition
        for definition in served.definitions
        if modes is None or definition["id"] in modes
    ]
    match_based_ids, syntactic_ids = ignored_ids(project)
    return shapes.configuration(
        definitions=definitions,
        ignored_match_based_ids=match_based_ids,
        ignored_syntactic_ids=syntactic_ids,
        path_ignores=ignored_paths(project),
    )


def ignored_ids(project: Project) -> tuple[list[str], list[str]]:
    """Return the match-based and syntactic ids of the project's ignored findings that still live.

    The ids of a fixed match are left out: the scanner numbers equal matches by their order, so
    such an id may by now be that of another match.
    """
    rows = (
        Instance.objects.filter(
            finding__project_id=project.pk,
            finding__triage_state=TriageState.IGNORED,
            state__in=[State.UNRESOLVED, State.MUTED],
        )
        .values_list("match_based_id", "syntactic_id")
        .distinct()
    )
    pairs = list(rows)
    return (
        sorted({match_based for match_based, _ in pairs if match_based}),
        sorted({syntactic for _, syntactic in pairs if syntactic}),
    )
