"""The command that brings stored credentials under the newest key."""

import pytest
from django.core.management import CommandError, call_command

from core.encryption import decrypt, encrypt
from llm.models import AssistantSettings
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
