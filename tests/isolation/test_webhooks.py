"""Rival's webhooks with Acme's numbers in their events: Acme's rows stay as they are."""

import pytest
from django.test import Client

from assistant_platform.celery import app
from integrations.models import WebhookReceipt
from integrations.webhooks import endpoint_secret
from tenants.jobs import JobStatus
from tenants.scope import organization_scope
from tests.factories import AppConnectionFactory, ConnectionFactory, WebhookEndpointFactory
from tests.integrations.hooks import (
    PAYLOADS,
    as_bytes,
    github_headers,
    headers_of,
    key_of,
    on_a_pull_request,
    recorded,
)
from tests.isolation.conftest import INSTALLATION_ID, MARK, REPOSITORY_ID

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("untouched")]
GITHUB = sorted(path.stem for path in (PAYLOADS / "github").glob("*.json"))
GITLAB = sorted(path.stem for path in (PAYLOADS / "gitlab").glob("*.json"))
EVENT_OF = {"note": "Note Hook", "merge_request": "Merge Request Hook", "push": "Push Hook"}


def naming_acmes(name):
    """Return a recorded event of GitHub that names Acme's repository and installation."""
    body = recorded("github", name)
    if "issue" in body:
        body = on_a_pull_request(body)
    if "repository" in body:
        body["repository"] |= {"id": REPOSITORY_ID, "full_name": "rival/taken-over"}
    body["installation"] = body.get("installation", {}) | {"id": INSTALLATION_ID}
    for shared in ("repositories", "repositories_added", "repositories_removed"):
        for repository in body.get(shared, []):
            repository["id"] = REPOSITORY_ID
    return body


def post(endpoint, event, body, headers=None):
    headers = headers or headers_of(endpoint, event, body)
    return Client().post(
        f"/integrations/{endpoint.kind}/webhook/{key_of(endpoint)}",
        as_bytes(body),
        content_type=headers.pop("Content-Type"),
        headers=headers,
    )


def work_off(rival):
    """Work through the events that Rival's endpoints have kept; return what came of them."""
    app.loader.import_default_modules()
    with organization_scope(rival.id):
        while WebhookReceipt.objects.filter(status=JobStatus.WAITING).exists():
            app.tasks["pipeline.tasks.process_webhooks"].run(organization_id=rival.id)
        return list(WebhookReceipt.objects.values_list("status", "outcome", "error"))


@pytest.fixture
def rivals_app(rival):
    """The endpoint of Rival's own app, which has an installation of the same number as Acme's."""
    with organization_scope(rival.id):
        connection = AppConnectionFactory(account="rival", installation_id=INSTALLATION_ID)
        return WebhookEndpointFactory(app=connection.app)


def test_rivals_app_cannot_speak_of_acmes_repositories(acmes, rival, rivals_app):
    statuses = {
        post(rivals_app, name.partition(".")[0], naming_acmes(name)).status_code for name in GITHUB
    }

    assert statuses == {200, 202}
    outcomes = work_off(rival)
    assert {(status, error) for status, _outcome, error in outcomes} == {("done", "")}
    assert MARK not in str(outcomes)


def test_rivals_gitlab_cannot_speak_of_acmes_repositories(acmes, rival):
    with organization_scope(rival.id):
        endpoint = WebhookEndpointFactory(
            kind="gitlab", connection=ConnectionFactory(kind="gitlab")
        )
    bodies = {name: recorded("gitlab", name) for name in GITLAB}
    for body in bodies.values():
        body["project"]["id"] = REPOSITORY_ID

    statuses = {
        post(endpoint, EVENT_OF[name.partition(".")[0]], body).status_code
        for name, body in bodies.items()
    }

    assert statuses == {200, 202}
    outcomes = work_off(rival)
    assert {(status, error) for status, _outcome, error in outcomes} == {("done", "")}
    assert MARK not in str(outcomes)


def test_acmes_key_does_not_open_with_rivals_secret(acmes, rivals_app, rival):
    body = naming_acmes("repository.renamed")
    with organization_scope(rival.id):
        headers = github_headers(endpoint_secret(rivals_app), "repository", body)

    response = Client().post(
        f"/integrations/github/webhook/{acmes.webhook_key}",
        as_bytes(body),
        content_type=headers.pop("Content-Type"),
        headers=headers,
    )

    assert response.status_code == 401
    assert MARK not in response.content.decode()
