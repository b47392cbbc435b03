"""Making a GitHub App by manifest, and finding where it is installed."""

import pytest

from integrations.github.app import (
    Installation,
    convert,
    create_address,
    install_address,
    installations,
    manifest,
)
from integrations.models import GitHubApp
from integrations.review_hosts import AccessLostError


def test_the_manifest_asks_for_what_we_use():
    made = manifest(
        name="Assay for Acme",
        public_url="https://assay.example",
        webhook_url="https://assay.example/hook",
        redirect_url="https://assay.example/made",
        setup_url="https://assay.example/installed",
    )

    assert made == {
        "name": "Assay for Acme",
        "url": "https://assay.example",
        "hook_attributes": {"url": "https://assay.example/hook", "active": True},
        "redirect_url": "https://assay.example/made",
        "callback_urls": ["https://assay.example/made"],
        "setup_url": "https://assay.example/installed",
        "setup_on_update": True,
        "public": False,
        "default_permissions": {
            "metadata": "read",
            "contents": "write",
            "pull_requests": "write",
            "checks": "write",
        },
        "default_events": [
            "issue_comment",
            "pull_request",
            "pull_request_review_comment",
            "repository",
        ],
    }


@pytest.mark.parametrize(
    ("base_url", "owner", "expected"),
    [
        ("https://github.com", "", "https://github.com/settings/apps/new?state=a%2Fb"),
        (
            "https://ghe.example.com/",
            "acme",
            "https://ghe.example.com/organizations/acme/settings/apps/new?state=a%2Fb",
        ),
        (
            "https://github.com",
            "../evil",
            "https://github.com/organizations/..%2Fevil/settings/apps/new?state=a%2Fb",
        ),
    ],
)
def test_the_form_goes_to_the_account_that_shall_own_the_app(base_url, owner, expected):
    assert create_address(base_url=base_url, owner=owner, state="a/b") == expected


@pytest.mark.parametrize(
    ("base_url", "place"),
    [
        ("https://github.com", "apps"),
        ("https://acme.ghe.com", "apps"),
        ("https://ghe.example.com", "github-apps"),
    ],
)
def test_an_app_is_installed_from_its_page(acme, base_url, place):
    app = GitHubApp(slug="assay-acme", base_url=base_url)

    expected = f"{base_url}/{place}/assay-acme/installations/new?state=s"
    assert install_address(app, "s") == expected


def test_a_code_is_exchanged_for_the_credentials_once(github):
    app = github.add_app("assay-acme")
    github.add_manifest_code("a-code", app)

    made = convert(base_url=github.url, ca_bundle="", code="a-code")

    assert (made.app_id, made.slug, made.owner) == (app.id, "assay-acme", "acme")
    assert (made.client_id, made.client_secret) == (app.client_id, app.client_secret)
    assert (made.private_key, made.webhook_secret) == (app.private_key, app.webhook_secret)
    with pytest.raises(AccessLostError, match="Begin again"):
        convert(base_url=github.url, ca_bundle="", code="a-code")


def test_no_secret_of_a_new_app_is_shown(github):
    app = github.add_app("assay-acme")
    github.add_manifest_code("a-code", app)

    text = repr(convert(base_url=github.url, ca_bundle="", code="a-code"))

    secrets = (app.client_secret, app.private_key, app.webhook_secret)
    assert not [secret for secret in secrets if secret in text]
    assert "assay-acme" in text


def test_a_code_that_climbs_out_of_its_place_is_none(github):
    with pytest.raises(AccessLostError, match="Begin again"):
        convert(base_url=github.url, ca_bundle="", code="../../user?x=/")


def test_installations_are_listed_suspended_ones_too(stage, github):
    app = stage.by_app().connection.app
    other = github.install(github.apps[app.app_id], "globex", [])
    github.suspend(other)

    assert installations(app) == [
        Installation(installation_id=stage.installation.id, account="acme"),
        Installation(installation_id=other.id, account="globex"),
    ]
