"""Findings of Supply Chain and Secrets, from every format that tells of them."""

import pytest

from findings.models import Finding, Product, ReportFormat
from findings.reports.sarif_products import package_in
from insights.filters import FindingFilter
from insights.search import count_by, search
from tests.findings.uploads import recorded, scan_of


def sarif(*, tool="Any", check_id="rule-1", message="found", properties=None, is_listed=True):
    rule = {"id": check_id, "properties": properties or {}}
    result = {
        "ruleId": check_id,
        "level": "error",
        "message": {"text": message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "package-lock.json"},
                    "region": {"startLine": 1},
                }
            }
        ],
    }
    driver = {"name": tool, "rules": [rule] if is_listed else []}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [result]}]}


def test_an_upload_of_the_scanner_brings_all_products(acme):
    scan_of(recorded("supply-chain-full"), products=("sast", "sca"))

    rows = Finding.objects.order_by("id").values_list("product", "rule__metadata")
    told = sorted((product, metadata.get("assistant.package", "")) for product, metadata in rows)
    assert told == [("sca", "flask"), ("sca", "flask"), ("sca", "requests"), ("secrets", "")]


def test_the_list_is_narrowed_and_counted_by_product(acme):
    scan_of(recorded("supply-chain-full"), products=("sast", "sca"))

    assert search(FindingFilter(products=("sca",))).count() == 3
    assert count_by(FindingFilter(products=("secrets",))).products == {"sca": 3, "secrets": 1}


@pytest.mark.parametrize(
    ("options", "product"),
    [
        ({}, Product.SAST),
        ({"tool": "Gitleaks"}, Product.SECRETS),
        ({"tool": "gitleaks", "is_listed": False}, Product.SECRETS),
        ({"tool": "Trivy", "properties": {"tags": ["secret", "security"]}}, Product.SECRETS),
        ({"tool": "Trivy", "check_id": "CVE-2021-23337"}, Product.SCA),
        ({"tool": "osv-scanner", "check_id": "MAL-1"}, Product.SCA),
        ({"check_id": "GHSA-35jh-r3h4-6jhm", "is_listed": False}, Product.SCA),
        ({"properties": {"product": "sca"}}, Product.SCA),
        ({"properties": {"product": "other", "tags": ["security"]}}, Product.SAST),
    ],
)
def test_the_product_of_a_sarif_result_is_told_by_tool_tags_and_id(acme, options, product):
    scan_of(sarif(**options), report_format=ReportFormat.SARIF)

    assert Finding.objects.get().product == product


def test_the_package_of_a_sarif_result_is_kept_with_its_rule(acme):
    report = sarif(
        tool="Trivy",
        check_id="CVE-2021-23337",
        message="Package: lodash\nInstalled Version: 4.17.4\nVulnerability CVE-2021-23337",
    )

    scan_of(report, report_format=ReportFormat.SARIF)

    assert Finding.objects.get().rule.metadata["assistant.package"] == "lodash"


@pytest.mark.parametrize(
    ("message", "package"),
    [
        ("Package: libcurl\nInstalled Version: 7.61", "libcurl"),
        ("Package 'lodash@4.17.4' is vulnerable to 'CVE-2021-23337'.", "lodash"),
        ("Package '@babel/core@7.0.0' is vulnerable to 'GHSA-1'.", "@babel/core"),
        ("A high vulnerability in npm package: lodash, version 4.17.4 was found at: x", "lodash"),
        ("lodash is old", ""),
        ("", ""),
    ],
)
def test_packages_are_read_from_the_messages_of_known_tools(message, package):
    assert package_in(message) == package


@pytest.mark.parametrize(
    "broken",
    [
        {"tool": None},
        {"tool": {"driver": {"name": 3, "rules": [{"id": "rule-1", "properties": {}}]}}},
    ],
)
def test_a_tool_that_names_nothing_reports_code(acme, broken):
    report = sarif()
    report["runs"][0] |= broken

    scan_of(report, report_format=ReportFormat.SARIF)

    assert Finding.objects.get().product == Product.SAST
