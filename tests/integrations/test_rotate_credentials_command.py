"""The command that brings stored credentials under the newest key."""

import pytest
from django.core.management import CommandError, call_command

from core.encryption import decrypt, encrypt
from integrations.connections import TokenConnection, connect_by_token
from integrations.credentials import unlock
from integrations.models import Connection, ConnectionKind, GitHubApp, WebhookEndpoint
from integrations.rotation import encrypted_columns
from integrations.webhooks import endpoint_secret, endpoint_url
from llm.models import AssistantSettings
from tenants.audit import Actor
from tenants.scope import organization_scope


def test_all_organizations_keys_come_under_the_newest_key(acme, rival, settings, capsys):
    settings.CREDENTIAL_KEYS = ["a" * 64]
    AssistantSettings.objects.create(encrypted_api_key=encrypt("acmes"))
    with organization_scope(rival.id):
        AssistantSettings.objects.create(encrypted_api_key=encrypt("rivals"))
    settings.CREDENTIAL_KEYS = ["b" * 64, "a" * 64]

    call_command("rotate_credentials")

    settings.CREDENTIAL_KEYS = ["b" * 64]
    assert "newest key: 2." in capsys.readouterr().out
    assert decrypt(AssistantSettings.objects.get().encrypted_api_key) == "acmes"
    with organization_scope(rival.id):
        assert decrypt(AssistantSettings.objects.get().encrypted_api_key) == "rivals"


def test_a_new_key_is_put_into_the_file_first(acme, settings, tmp_path, capsys):
    settings.CREDENTIAL_KEYS, settings.DATA_DIR = [], tmp_path
    AssistantSettings.objects.create(encrypted_api_key=encrypt("acmes"))
    before = (tmp_path / "credential_keys").read_text().split()

    call_command("rotate_credentials", "--new-key")

    after = (tmp_path / "credential_keys").read_text().split()
    assert after[1:] == before
    (tmp_path / "credential_keys").write_text(after[0])
    assert decrypt(AssistantSettings.objects.get().encrypted_api_key) == "acmes"


def test_a_credential_that_no_key_fits_is_named_and_left(acme, rival, settings, capsys):
    settings.CREDENTIAL_KEYS = ["a" * 64]
    lost = AssistantSettings.objects.create(encrypted_api_key=encrypt("acmes"))
    settings.CREDENTIAL_KEYS = ["b" * 64]
    with organization_scope(rival.id):
        AssistantSettings.objects.create(encrypted_api_key=encrypt("rivals"))

    with pytest.raises(CommandError, match="acme"):
        call_command("rotate_credentials")

    assert AssistantSettings.objects.get().encrypted_api_key == lost.encrypted_api_key
    assert "newest key: 1." in capsys.readouterr().out


def a_token_connection():
    wanted = TokenConnection(
        kind=ConnectionKind.GITLAB,
        name="Ours",
        base_url="https://gitlab.example",
        ca_bundle="",
        token="glpat-of-acme",
    )
    return connect_by_token(wanted=wanted, actor=Actor.platform())


def test_connections_apps_and_webhooks_come_under_the_newest_key(acme, settings, capsys):
    settings.CREDENTIAL_KEYS = ["a" * 64]
    GitHubApp.objects.create(
        app_id=7,
        slug="assay",
        name="Assay",
        base_url="https://github.com",
        encrypted_credentials=encrypt('{"private_key": "pem"}'),
    )
    endpoint = a_token_connection().endpoint
    url, secret = endpoint_url(endpoint), endpoint_secret(endpoint)
    settings.CREDENTIAL_KEYS = ["b" * 64, "a" * 64]

    call_command("rotate_credentials")

    settings.CREDENTIAL_KEYS = ["b" * 64]
    assert "newest key: 4." in capsys.readouterr().out
    assert unlock(Connection.objects.get().encrypted_credentials) == {"token": "glpat-of-acme"}
    assert unlock(GitHubApp.objects.get().encrypted_credentials) == {"private_key": "pem"}
    kept = WebhookEndpoint.objects.get()
    assert (endpoint_url(kept), endpoint_secret(kept)) == (url, secret)


def test_a_lost_credential_holds_no_other_one_back(acme, settings):
    settings.CREDENTIAL_KEYS = ["a" * 64]
    AssistantSettings.objects.create(encrypted_api_key=encrypt("lost"))
    settings.CREDENTIAL_KEYS = ["b" * 64]
    a_token_connection()
    settings.CREDENTIAL_KEYS = ["c" * 64, "b" * 64]

    with pytest.raises(CommandError, match="acme"):
        call_command("rotate_credentials")

    settings.CREDENTIAL_KEYS = ["c" * 64]
    assert unlock(Connection.objects.get().encrypted_credentials) == {"token": "glpat-of-acme"}


def test_every_encrypted_column_is_rotated():
    found = {(model._meta.label, column) for model, column in encrypted_columns()}

    assert found == {
        ("llm.AssistantSettings", "encrypted_api_key"),
        ("integrations.Connection", "encrypted_credentials"),
        ("integrations.GitHubApp", "encrypted_credentials"),
        ("integrations.SlackWorkspace", "encrypted_credentials"),
        ("integrations.WebhookEndpoint", "encrypted_key"),
        ("integrations.WebhookEndpoint", "encrypted_secret"),
        ("notifications.OutgoingWebhook", "encrypted_secret"),
    }
