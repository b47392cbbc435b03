"""An admin's way from no connection to imported projects, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from integrations.models import (
    Connection,
    ConnectionKind,
    ConnectionState,
    RepositoryLink,
    WebhookEndpoint,
)
from integrations.registry import ACCOUNTS
from integrations.review_hosts import AccessLostError
from tenants.models import Project
from tests.browser.pages import look_at, sign_in
from tests.factories import (
    AppConnectionFactory,
    GitHubAppFactory,
    ProjectFactory,
    RepositoryLinkFactory,
    WebhookEndpointFactory,
    WebhookReceiptFactory,
)
from tests.fake_accounts import FakeAccount, a_check, a_repository


@pytest.fixture
def account(monkeypatch):
    fake = FakeAccount(
        a_repository("acme/a-service-with-quite-a-long-name-that-somebody-chose"),
        a_repository("acme/docs", is_public=True),
        a_repository("acme/legacy", is_archived=True),
        a_repository("acme/fourth"),
        checks=[
            a_check("contents:read", label="Contents: read", needed_for="showing code, judging it"),
            a_check(
                "pull_requests:write",
                ok=False,
                label="Pull requests: read and write",
                needed_for="comments in pull requests",
                detail="Grant it in the app's settings, and accept it at the installation.",
            ),
            a_check("checks:write", label="Checks: read and write", needed_for="the check run"),
            a_check(
                "hooks:write",
                ok=None,
                is_required=False,
                label="Webhooks: read and write",
                needed_for="making webhooks during an import",
            ),
        ],
    )
    for kind in (ConnectionKind.GITHUB, ConnectionKind.GITLAB):
        monkeypatch.setitem(ACCOUNTS, kind, fake.of_connection)
    return fake


def test_an_admin_connects_by_token_and_sees_what_is_missing(house, visit, account):
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/settings/connections/gitlab/token")
    look_at(page, "connect-token")
    page.goto("/orgs/acme/settings/connections/gitlab/token")
    page.get_by_label("Address").fill("http://10.0.0.8")
    page.get_by_label("Token").fill("glpat-0123456789abcdef")
    page.get_by_role("button", name="Connect and check").click()
    expect(page.get_by_text("must begin with https://")).to_be_visible()
    page.get_by_label("Address").fill("")
    page.get_by_label("Token").fill("glpat-0123456789abcdef")
    page.get_by_role("button", name="Connect and check").click()
    expect(page.get_by_role("heading", name="gitlab.com")).to_be_visible()
    expect(page.locator("#connection-state .card-title")).to_contain_text("Works in part")
    account.checks = account.checks[:1]

    page.get_by_role("button", name="Check connection").click()

    expect(page.locator("#connection-state .card-title")).to_contain_text("Working")
    expect(page.locator("#toasts")).to_contain_text("gitlab.com works.")
    page.get_by_role("button", name="Show address and secret").click()
    expect(page.get_by_label("Secret of the webhook")).to_be_visible()
    assert "glpat" not in page.content()
    look_at(page, "connection-webhook")
    page.reload()
    page.goto(f"/orgs/acme/settings/connections/{Connection.objects.get(kind='gitlab').id}")
    page.get_by_role("button", name="Remove connection …").click()
    look_at(page, "connection-remove")
    page.reload()
    page.get_by_role("button", name="Remove connection …").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("is removed")
    assert not Connection.objects.filter(kind="gitlab").exists()


def test_connections_in_every_state_and_the_way_to_an_app(house, visit, account):
    states = {
        "acme": ("working", ""),
        "acme-labs": ("limited", "Pull requests: read and write is missing."),
        "acme-old": ("broken", "The private key was deleted at GitHub; make a new app."),
        "acme-paused": ("suspended", "Resume the installation at GitHub."),
        "acme-gone": ("removed", "The app was uninstalled; install it again."),
    }
    for name, (state, detail) in states.items():
        connection = AppConnectionFactory(
            account=name, state=state, state_detail=detail, checked_at=timezone.now()
        )
        WebhookEndpointFactory(app=connection.app)
    WebhookEndpoint.objects.update(
        last_received_at=timezone.now() - timedelta(hours=3),
        last_refused_at=timezone.now(),
        last_refusal="The signature does not fit: the secret at the code host is another one.",
    )
    waiting = GitHubAppFactory(name="Assay Acme", owner="acme")
    limited = Connection.objects.get(name="acme-labs")
    RepositoryLinkFactory(
        connection=limited, location="acme/docs", hook_problem="No webhook was made: refused."
    )
    for status, outcome, error in (
        ("done", "Change request 7 is closed.", ""),
        ("failed", "", "GitHub does not let this token read who may write to the repository."),
        ("waiting", "", ""),
    ):
        WebhookReceiptFactory(
            endpoint=limited.app.endpoint,
            event="issue_comment",
            status=status,
            outcome=outcome,
            error=error,
            received_at=timezone.now() - timedelta(hours=1),
        )
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/settings/connections")
    look_at(page, "connections")
    page.goto(f"/orgs/acme/settings/connections/{limited.id}")
    page.get_by_role("button", name="Check connection").click()
    expect(page.get_by_text("Grant it in the app's settings").first).to_be_visible()
    look_at(page, "connection-limited")
    page.goto(f"/orgs/acme/settings/connections/apps/{waiting.id}")
    look_at(page, "github-app")
    page.goto("/orgs/acme/settings/connections/github/app")
    look_at(page, "connect-app")
    page.goto("/orgs/acme/settings/connections/github/app")
    page.get_by_label("GitHub organization").fill("acme")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Go to github.com")).to_be_visible()
    look_at(page, "create-app")


def test_the_manifest_is_let_out_to_the_chosen_host_alone(house, visit, account, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["localhost"]
    page = visit()
    arrived = []
    page.route(
        "http://localhost:9/**",
        lambda route: (arrived.append(route.request), route.fulfill(body="GitHub")),
    )
    sign_in(page)
    page.goto("/orgs/acme/settings/connections/github/app")
    page.get_by_label("GitHub organization").fill("acme")
    page.get_by_label("Address").fill("http://localhost:9")
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("button", name="Go to localhost:9").click()

    page.wait_for_url("http://localhost:9/**")
    assert arrived[0].method == "POST"
    assert arrived[0].url.startswith("http://localhost:9/organizations/acme/settings/apps/new?")
    assert "manifest=" in arrived[0].post_data
    assert "csrfmiddlewaretoken" not in arrived[0].post_data


def test_repositories_are_imported_and_their_projects_lead_on(house, visit, account):
    connection = AppConnectionFactory(account="acme", state=ConnectionState.WORKING)
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/projects/import")
    look_at(page, "import")
    page.goto("/orgs/acme/projects/import")
    page.get_by_label("acme/docs").check()
    page.get_by_label("acme/a-service").check()
    page.get_by_label("Tags for all of them").fill("team-red, payments")
    account.remote.pop("acme/docs")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".import-outcome")).to_have_count(2)
    expect(page.get_by_text("is not there, or not shared")).to_be_visible()
    look_at(page, "import-result")
    page.goto("/orgs/acme/projects?tab=idle")
    look_at(page, "projects-idle")
    page.goto("/orgs/acme/projects?tab=idle")
    page.get_by_role("link", name="acme/a-service").click()
    expect(page.get_by_text("1 of 6 done")).to_be_visible()
    look_at(page, "project-new")
    page.reload()
    WebhookEndpointFactory(app=connection.app)
    WebhookEndpoint.objects.update(last_received_at=timezone.now())
    expect(page.get_by_text("2 of 6 done")).to_be_visible(timeout=15_000)
    page.get_by_text("GitLab CI").click()
    page.get_by_label("Tags").fill("team-blue")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("is changed")
    assert Project.objects.get(name__startswith="acme/a-service").tags == ["team-blue"]
    assert RepositoryLink.objects.filter(connection=connection).count() == 1


def test_the_projects_pages_at_every_size(house, visit, account):
    shop = Project.objects.get(name="acme/shop")
    shop.tags = ["payments", "team-red"]
    shop.save()
    RepositoryLinkFactory(
        project=Project.objects.get(name="acme/website"),
        connection=AppConnectionFactory(account="acme", state=ConnectionState.BROKEN),
    )
    ProjectFactory(name="acme/waiting", is_archived=True)
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/projects")
    look_at(page, "projects")
    page.goto(f"/orgs/acme/projects/{shop.id}")
    look_at(page, "project")
    page.goto("/orgs/acme/projects?text=nothing")
    look_at(page, "projects-none")
    account.broken = AccessLostError("The app was uninstalled; install it again.")
    page.goto("/orgs/acme/projects/import")
    look_at(page, "import-refused")
