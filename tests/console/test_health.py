"""What operators ask: do we live, are we ready?"""

from http import HTTPStatus

import pytest

pytestmark = pytest.mark.django_db


def test_a_living_process_says_so(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (HTTPStatus.OK, {"status": "ok"})


def test_a_ready_process_names_what_it_leans_on(client):
    response = client.get("/readyz")

    assert response.status_code == HTTPStatus.OK
    assert response.json() == {"status": "ok", "database": "ok", "broker": "ok"}


def test_a_process_without_its_broker_is_not_ready(client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"

    response = client.get("/readyz")

    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.json() == {"status": "unavailable", "database": "ok", "broker": "unreachable"}


def test_robots_are_asked_to_stay_away(client):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
