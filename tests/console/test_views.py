"""The pages as their visitors get them."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from findings.models import (
    Conclusion,
    ProblemKind,
    ScanProblem,
)
from tenants.scope import organization_scope
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ReportedRuleFactory,
    ScanFactory,
    UserFactory,
    VerdictFactory,
)

HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, *rest):
    return reverse(f"console:{name}", args=["acme", *rest])


def test_a_visitor_is_asked_to_sign_in(client, acme):
    response = client.get(address("findings"))

    assert response.status_code == HTTPStatus.FOUND
    assert response.url.startswith(reverse("account_login"))


def test_a_fragment_of_a_closed_session_loads_the_page_anew(client, acme):
    response = client.get(address("findings"), **HTMX)

    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert response.headers["HX-Refresh"] == "true"


def test_the_front_page_leads_to_the_dashboard(client, ada):
    client.force_login(ada)

    assert client.get("/").url == "/orgs/acme/dashboard"


def test_somebody_without_an_organization_reads_what_to_do(client, db):
    client.force_login(UserFactory(email="new@example.com"))

    response = client.get("/")

    assert response.status_code == HTTPStatus.OK
    assert "You belong to no organization yet" in response.content.decode()


def test_the_scanners_short_slug_is_the_first_organization(client, mel):
    client.force_login(mel)

    assert client.get("/orgs/-/findings").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("path", "product"),
    [("supply-chain/vulnerabilities", "sca"), ("supply-chain", "sca"), ("secrets", "secrets")],
)
def test_the_scanners_other_links_lead_to_the_findings(client, mel, path, product):
    client.force_login(mel)

    response = client.get(f"/orgs/-/{path}?repo=acme/shop&ref=main&x=1", follow=True)

    assert response.redirect_chain == [
        (f"/orgs/acme/findings?repo=acme%2Fshop&ref=main&product={product}", 302)
    ]


@pytest.mark.parametrize(
    ("product", "badges", "is_analyzed"),
    [("sast", [], True), ("sca", ["Supply Chain"], False), ("secrets", ["Secrets"], False)],
)
def test_findings_of_other_products_say_so_and_are_not_analyzed(
    client, mel, product, badges, is_analyzed
):
    found = FindingFactory(product=product)
    client.force_login(mel)

    row = client.get(address("findings")).content.decode().partition("data-row")[2]
    page = client.get(address("finding", found.id)).content.decode()

    assert [one for one in ("Supply Chain", "Secrets") if f"</svg>{one}</span>" in row] == badges
    assert ("No verdict yet" in row) is is_analyzed
    assert (
        reverse("triage:offer-analysis", args=["acme"]) in page.partition("finding-columns")[0]
    ) is is_analyzed
    assert ("Only findings in code are analyzed" in page) is not is_analyzed


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(client, mel, count):
    for _ in range(count):
        VerdictFactory(conclusion=Conclusion.FALSE_POSITIVE)
    client.force_login(mel)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(address("findings"))

    assert response.content.decode().count("data-row") == count
    settings = [one for one in queries if "set_config" in one["sql"]]
    # Session, person, memberships; the list, its counts, projects and verdicts.
    assert len(queries) - len(settings) == 7
    assert len(settings) == 2


def test_a_house_without_scans_says_how_to_begin(client, mel):
    client.force_login(mel)

    body = client.get(address("findings")).content.decode()

    assert "export SEMGREP_URL=http://testserver" in body
    assert "semgrep ci --oss-only" in body


def test_a_list_without_matches_offers_to_clear_the_filters(client, mel):
    ScanFactory()
    client.force_login(mel)

    assert "Clear filters" in client.get(address("findings")).content.decode()


def test_htmx_gets_the_list_and_the_filters_alone(client, mel):
    FindingFactory()
    client.force_login(mel)

    response = client.get(
        address("findings") + "?q=&status=open&severity=high", HTTP_HX_TRIGGER="filters", **HTMX
    )
    body = response.content.decode()

    assert "<html" not in body
    assert 'id="list"' in body
    assert 'hx-swap-oob="true"' in body
    assert "HX-Request" in response.headers["Vary"]
    assert response.headers["HX-Push-Url"] == "/orgs/acme/findings?severity=high"


def test_a_cursor_that_is_not_ours_is_a_page_that_says_so(client, mel):
    client.force_login(mel)

    response = client.get(address("findings") + "?cursor=nonsense")

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "not a place in the list" in response.content.decode()


def test_offline_verdicts_are_never_called_ai(client, mel):
    VerdictFactory(reason="It is a constant.")
    client.force_login(mel)

    body = client.get(address("findings")).content.decode()

    assert "Rule of thumb" in body
    assert "origin-model" not in body


def test_a_read_only_member_sees_no_way_to_act(client, vic):
    finding = VerdictFactory(conclusion=Conclusion.FALSE_POSITIVE).finding
    InstanceFactory(finding=finding)
    client.force_login(vic)

    bodies = client.get(address("findings")), client.get(address("finding", finding.id))

    for response in bodies:
        body = response.content.decode()
        assert "Agree and ignore" not in body
        assert 'name="state"' not in body
        assert "Settings" not in body
        assert 'action="/orgs' not in body.replace('action="/orgs/acme/findings"', "")


def test_what_comes_from_outside_is_escaped(client, mel):
    rule = ReportedRuleFactory(
        check_id="x.<b>bold</b>", metadata={"references": ["javascript:alert(1)"], "cwe": "<i>"}
    )
    finding = FindingFactory(rule=rule, message="<script>alert(1)</script> [go](javascript:x)")
    VerdictFactory(finding=finding, reason='<img src="x"> ![](https://evil.example/p.png)')
    client.force_login(mel)

    body = client.get(address("finding", finding.id)).content.decode()

    for part in (
        "<script>alert",
        "<b>bold",
        '<img src="x',
        "javascript:alert",
        '<img src="https',
        "<i>",
    ):
        assert part not in body, part


def test_a_finding_of_another_organization_is_not_there(client, mel, rival):
    with organization_scope(rival.id):
        finding = FindingFactory()
    client.force_login(mel)

    assert client.get(address("finding", finding.id)).status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"/orgs/rival/findings/{finding.id}").status_code == HTTPStatus.NOT_FOUND


def test_code_that_cannot_be_had_says_why(client, mel):
    instance = InstanceFactory()
    client.force_login(mel)

    body = client.get(address("code", instance.finding_id, instance.id)).content.decode()

    assert "has no connected repository" in body


def test_code_of_an_instance_that_is_gone_is_a_problem_in_words(client, mel):
    finding = FindingFactory()
    client.force_login(mel)

    response = client.get(address("code", finding.id, 12345), **HTMX)

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "data-problem" in response.content.decode()


def test_progress_counts_the_newest_scans_findings(client, mel):
    scan = ScanFactory(ingested_at=timezone.now())
    FindingFactory(first_scan=scan)
    VerdictFactory(finding=FindingFactory(first_scan=scan))
    client.force_login(mel)

    body = client.get(address("progress"), **HTMX).content.decode()

    assert "1 of 2 new findings" in body
    assert 'hx-trigger="every 3s"' in body


def test_progress_of_an_old_scan_is_no_news(client, mel):
    FindingFactory(first_scan=ScanFactory(ingested_at=timezone.now() - timedelta(hours=1)))
    client.force_login(mel)

    assert "hx-get" not in client.get(address("progress"), **HTMX).content.decode()


def test_scans_are_paged_and_troubles_name_the_remedy(client, mel):
    scans = [ScanFactory().id for _ in range(51)]
    ScanProblem.objects.create(kind=ProblemKind.ENGINE_BINARY)
    client.force_login(mel)

    first = client.get(address("scans")).content.decode()
    second = client.get(address("scans") + f"?before={scans[1]}").content.decode()

    assert f"?before={scans[1]}" in first
    assert "semgrep ci --oss-only" in first
    assert address("scan", scans[0]) in second
    assert address("scan", scans[1]) not in second


def test_a_scan_shows_what_went_wrong(client, mel):
    scan = ScanFactory()
    ScanProblem.objects.create(
        scan=scan, kind=ProblemKind.REFUSED_UPLOAD, detail="$.findings[0].line: a number is needed"
    )
    client.force_login(mel)

    body = client.get(address("scan", scan.id)).content.decode()

    assert "The upload was refused" in body
    assert "$.findings[0].line" in body
    assert client.get(address("scan", scan.id + 1)).status_code == HTTPStatus.NOT_FOUND


def test_an_unknown_address_is_a_page_of_ours(client, mel):
    client.force_login(mel)

    response = client.get("/orgs/acme/nothing")

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "There is nothing at this address" in response.content.decode()


def test_pages_allow_no_inline_script_or_style(client, mel):
    client.force_login(mel)

    response = client.get(address("findings"))

    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "style=" not in response.content.decode()


def test_a_place_of_very_many_digits_leads_to_the_newest_scans(client, vic):
    client.force_login(vic)

    assert client.get(address("scans"), {"before": "9" * 5000}).status_code == HTTPStatus.OK
