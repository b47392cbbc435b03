"""Who may come in by the public API, and how it refuses."""

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import path

from tests.api.programs import Program

pytestmark = pytest.mark.django_db
DOORS = [
    ("GET", "/api/v1/deployments"),
    ("GET", "/api/v1/deployments/acme/findings"),
    ("POST", "/api/v1/deployments/acme/triage"),
]


def call(method, address, token=None):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return Client().generic(method, address, b"{}", "application/json", headers=headers)


def test_ping_needs_no_token(client):
    response = client.get("/api/v1/ping", headers={"Accept": "text/html"})

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")


def test_a_token_sees_its_own_deployment_alone(api, acme, rival):
    assert api.get("/api/v1/deployments").json() == {
        "deployments": [
            {
                "id": acme.id,
                "slug": "acme",
                "name": "Acme",
                "findings": {"url": "http://testserver/api/v1/deployments/acme/findings"},
            }
        ]
    }


@pytest.mark.parametrize(("method", "address"), DOORS)
def test_every_door_asks_for_a_token(method, address):
    response = call(method, address)

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_token"


@pytest.mark.parametrize(("method", "address"), DOORS)
def test_a_scanners_token_finds_nothing_here(scanner, method, address):
    assert call(method, address, scanner.token).status_code == 404


@pytest.mark.parametrize(("method", "address"), DOORS)
def test_another_method_is_refused_in_json(api, method, address):
    response = call("PUT", address, api.token)

    assert (response.status_code, response.headers["Allow"].split(", ")[0]) == (405, method)
    assert response.json()["error"]["code"] == "method_not_allowed"


def test_an_address_that_is_not_there_answers_json(api):
    response = api.get("/api/v1/deployments/acme/coffee")

    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_path")


def broken(request):
    raise RuntimeError("the secret is hunter2")


urlpatterns = [path("api/broken", broken), path("page", broken)]
handler500 = "api.errors.server_error"


@override_settings(ROOT_URLCONF="tests.api.test_v1_doors")
def test_what_nobody_expected_answers_json_without_its_text():
    response = Client(raise_request_exception=False).get("/api/broken")

    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")
    assert b"hunter2" not in response.content


def test_the_description_names_every_door_and_is_complete(tmp_path):
    file = tmp_path / "schema.yml"

    call_command("spectacular", "--file", str(file), "--fail-on-warn", "--validate")

    text = file.read_text()
    for address in ("/api/v1/ping:", "/api/v1/deployments/{deployment}/findings:"):
        assert address in text
    assert "/api/cli" not in text


def test_the_docs_page_brings_no_inline_script_or_style_and_nothing_from_elsewhere(client):
    page = client.get("/api/v1/docs", headers={"Accept": "text/html"})
    script = client.get("/api/v1/docs?script=", headers={"Accept": "*/*"})
    schema = client.get("/api/v1/schema", headers={"Accept": "application/json"})

    text = page.content.decode()
    assert page.status_code == script.status_code == schema.status_code == 200
    assert "<style" not in text
    assert "http://" not in text
    assert "https://" not in text
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
    assert script.headers["Content-Type"].startswith("application/javascript")


def test_tokens_are_no_matter_of_case_in_the_scheme_alone(api):
    assert Program(api.token.upper()).get("/api/v1/deployments").status_code == 401
