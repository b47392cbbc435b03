"""Findings of dependencies and secrets in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from findings.models import Product, Severity
from tenants.models import Project
from tests.browser.pages import look_at, sign_in
from tests.factories import FindingFactory, ReportedRuleFactory, SourceFileFactory


@pytest.fixture
def others(house):
    """A vulnerable dependency and a secret beside the findings in code."""
    shop = Project.objects.get(name="acme/shop")
    lock = SourceFileFactory(project=shop, path="frontend/package-lock.json")
    config = SourceFileFactory(project=shop, path="config/production.py")
    FindingFactory(
        project=shop,
        file=lock,
        product=Product.SCA,
        rule=ReportedRuleFactory(
            check_id="ssc-lodash-cve-2021-23337", product=Product.SCA, severity=Severity.CRITICAL,
            metadata={"title": "lodash: command injection", "assistant.package": "lodash"},
        ),
        message="lodash before 4.17.21 lets template text run commands.",
    )  # fmt: skip
    return FindingFactory(
        project=shop,
        file=config,
        product=Product.SECRETS,
        rule=ReportedRuleFactory(
            check_id="acme.secrets.aws-access-key", product=Product.SECRETS,
            severity=Severity.HIGH,
        ),
        message="An AWS key [redacted:secret] stands in the code.",
    )  # fmt: skip


def test_the_list_shows_one_product_and_its_findings(others, visit):
    page = visit()
    sign_in(page)
    page.goto(reverse("console:supply-chain-short", args=["acme"]))
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("Supply Chain")
    look_at(page, "findings-supply-chain")

    page.goto(reverse("console:secrets", args=["acme"]))
    page.get_by_role("link", name="AWS access key").click()

    expect(page.locator("main")).to_contain_text("Only findings in code are analyzed")
    expect(page.get_by_role("button", name="Analyze")).to_have_count(0)
    look_at(page, "finding-secret")
