"""Which products a scan is told to look for, and the rules that it gets for them."""

import pytest

from api.scanner.configuration import UnsupportedProductError, choose_products, serve_rules
from core.errors import InvalidInputError
from tests.factories import PolicyRuleFactory, ProjectFactory, RuleFactory

DEPENDS_ON = {
    "r2c-internal-project-depends-on": {
        "namespace": "pypi",
        "package": "requests",
        "version": "< 2.20.0",
    }
}


@pytest.fixture
def shop(acme):
    for path, changes in (
        ("code", {}),
        ("secret", {"metadata": {"product": "secrets"}}),
        ("dependency", DEPENDS_ON),
        ("reachable", {"metadata": {"sca-kind": "reachable"}}),
    ):
        rule = RuleFactory(path=path)
        rule.definition |= changes
        rule.save()
        PolicyRuleFactory(rule=rule)
    return ProjectFactory()


@pytest.mark.parametrize(
    ("requested", "products", "paths"),
    [
        ([], ["sast", "sca"], ["code", "dependency", "reachable", "secret"]),
        (["sast"], ["sast"], ["code", "secret"]),
        (["sca"], ["sca"], ["dependency", "reachable"]),
        (["secrets", "sast"], ["sast"], ["code", "secret"]),
        (["sca", "secrets"], ["sca"], ["dependency", "reachable"]),
    ],
)
def test_a_scan_gets_the_rules_of_its_products_and_secrets_with_code(
    shop, requested, products, paths
):
    chosen = choose_products(requested)

    assert chosen == products
    assert sorted(serve_rules(project=shop, products=chosen).modes) == paths


def test_without_rules_of_dependencies_nothing_but_code_is_looked_for(acme):
    PolicyRuleFactory()

    assert choose_products([]) == ["sast"]


def test_secrets_alone_are_refused_with_a_way_out(acme):
    with pytest.raises(UnsupportedProductError, match="--oss-only --code"):
        choose_products(["secrets"])


def test_an_unknown_product_is_named(acme):
    with pytest.raises(InvalidInputError, match="'dast' is not a product"):
        choose_products(["dast"])
