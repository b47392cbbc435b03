"""Tokens minted for an installation: no wider than needed, kept encrypted, renewed once."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from integrations.credentials import lock_away, unlock
from integrations.github.review_host import GitHubReviewHost
from integrations.github.shapes import User
from integrations.github.sign_in import Purpose, connection_calls
from integrations.review_hosts import AccessLostError, GoneError
from tests.integrations.github.scripted import Say, ScriptedServer
from tests.integrations.github.stage import NAME


def minted(github):
    return github.asked("POST", "/access_tokens")


def test_a_token_is_minted_for_one_repository_and_no_more_than_is_needed(stage, github):
    link = stage.by_app()
    stage.open_pull()

    GitHubReviewHost.of_link(link).read_change_request(number=1)

    (request,) = minted(github)
    assert request.body == {
        "permissions": {
            "metadata": "read",
            "contents": "read",
            "pull_requests": "write",
            "checks": "write",
        },
        "repository_ids": [stage.repository.id],
    }


@pytest.mark.parametrize(("lives_minutes", "times_minted"), [(60, 1), (4, 2)])
def test_a_token_serves_until_five_minutes_before_its_end(stage, lives_minutes, times_minted):
    link = stage.by_app()
    ends_at = datetime.now(UTC) + timedelta(minutes=lives_minutes)
    token = Say(201, {"token": "ghs_one", "expires_at": ends_at.isoformat()})
    user = Say(200, {"login": "acme"})
    answers = [token, user, user] if times_minted == 1 else [token, user, token, user]
    with ScriptedServer(*answers) as server:
        link.connection.base_url = link.connection.app.base_url = server.url
        for _time in range(2):
            connection_calls(link.connection, purpose=Purpose.LOOK).get(User, "/x", needs="")

        asked = [one.path for one in server.asked if "access_tokens" in one.path]
        assert len(asked) == times_minted
        assert server.asked[1].headers["authorization"] == "Bearer ghs_one"


def test_each_purpose_has_a_token_of_its_own(stage, github):
    link = stage.by_app()

    for purpose in (Purpose.LOOK, Purpose.READ_CODE):
        calls = connection_calls(link.connection, purpose=purpose)
        calls.headers("/installation/repositories", needs="")

    assert [one.body["permissions"] for one in minted(github)] == [
        {"metadata": "read"},
        {"metadata": "read", "contents": "read"},
    ]


def test_a_refused_token_is_minted_anew_once(stage, github):
    link = stage.by_app()
    stage.open_pull()
    host = GitHubReviewHost.of_link(link)
    host.read_change_request(number=1)
    for token in github.tokens.values():
        token.is_revoked = True

    assert host.read_change_request(number=1).number == 1
    assert len(minted(github)) == 2


def test_a_refusal_that_lasts_is_told(stage, github):
    host = GitHubReviewHost.of_link(stage.by_app())
    github.fail(401, path="/pulls", times=9, message="Bad credentials")

    with pytest.raises(AccessLostError, match="no longer accepts"):
        host.read_change_request(number=1)

    assert len(github.asked("GET", "/pulls/1")) == 2


def test_a_permission_that_was_not_granted_leaves_the_rest_at_work(stage, github):
    host = GitHubReviewHost.of_link(stage.by_app(checks=None))
    stage.open_pull()

    assert host.read_change_request(number=1).number == 1
    assert minted(github)[1].body == {"repository_ids": [stage.repository.id]}


def test_a_repository_that_is_no_longer_shared_gets_no_wider_token(stage, github):
    host = GitHubReviewHost.of_link(stage.by_app())
    github.forget(NAME)

    with pytest.raises(GoneError, match="no longer shared with the GitHub App"):
        host.read_change_request(number=1)

    assert [one.body.get("repository_ids") for one in minted(github)] == [
        [stage.repository.id],
        [stage.repository.id],
    ]


def test_a_suspended_installation_is_told(stage, github):
    host = GitHubReviewHost.of_link(stage.by_app())
    github.suspend(stage.installation)

    with pytest.raises(AccessLostError, match="suspended"):
        host.read_change_request(number=1)


def test_an_installation_that_was_removed_is_told(stage, github):
    host = GitHubReviewHost.of_link(stage.by_app())
    github.uninstall(stage.installation)

    with pytest.raises(AccessLostError, match="not installed there any more"):
        host.read_change_request(number=1)


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN RSA PRIVATE KEY-----\nx\n"])
def test_a_key_that_is_none_is_told(stage, github, key):
    link = stage.by_app()
    link.connection.app.encrypted_credentials = lock_away({"private_key": key})

    with pytest.raises(AccessLostError, match="private key"):
        GitHubReviewHost.of_link(link).read_change_request(number=1)

    assert github.requests == []


def test_a_connection_without_a_token_is_told(stage, github):
    link = stage.by_token()
    link.connection.encrypted_credentials = ""

    with pytest.raises(AccessLostError, match="enter one"):
        GitHubReviewHost.of_link(link).read_change_request(number=1)

    assert github.requests == []


def test_no_secret_is_in_the_cache_in_texts_or_in_logs(stage, github, caplog):
    caplog.set_level(logging.DEBUG)
    link = stage.by_app()
    stage.open_pull()
    host = GitHubReviewHost.of_link(link)
    host.read_change_request(number=1)
    github.forget(NAME)
    with pytest.raises(Exception, match="GitHub") as refusal:
        host.read_change_request(number=1)

    key = unlock(link.connection.app.encrypted_credentials)["private_key"]
    secrets = [*github.tokens, key, key.split("\n")[1]]
    texts = [
        repr(host),
        repr(host.client),
        repr(host.client.calls),
        repr(link.connection),
        str(refusal.value),
        caplog.text,
        repr(cache._cache),
    ]
    assert not [secret for secret in secrets for text in texts if secret in text]
