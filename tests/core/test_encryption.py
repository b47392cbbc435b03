"""Credentials at rest."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.encryption import (
    KEY_FILE,
    CredentialUnreadableError,
    add_key_to_file,
    check_keys,
    decrypt,
    encrypt,
    rotate,
)

OLD, NEW, OTHER = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture(autouse=True)
def empty_house(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    settings.CREDENTIAL_KEYS = []


def test_what_was_encrypted_can_be_read_again(settings):
    settings.CREDENTIAL_KEYS = [OLD]

    hidden = encrypt("sk-secrét")

    assert "sk-secr" not in hidden
    assert decrypt(hidden) == "sk-secrét"


def test_the_first_use_makes_a_key_file_that_only_we_may_read(settings):
    hidden = encrypt("secret")

    path = settings.DATA_DIR / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in settings.DATA_DIR.iterdir()] == [KEY_FILE]
    assert decrypt(hidden) == "secret"


def test_keys_in_the_settings_need_no_file(settings):
    settings.CREDENTIAL_KEYS = [OLD]

    encrypt("secret")

    assert not (settings.DATA_DIR / KEY_FILE).exists()


def test_older_keys_still_open_and_rotation_makes_them_dispensable(settings):
    settings.CREDENTIAL_KEYS = [OLD]
    hidden = encrypt("secret")
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    assert decrypt(hidden) == "secret"

    rotated = rotate(hidden)

    settings.CREDENTIAL_KEYS = [NEW]
    assert decrypt(rotated) == "secret"
    with pytest.raises(CredentialUnreadableError):
        decrypt(hidden)


def test_keys_that_move_from_the_file_to_the_settings_keep_the_old_texts_readable(settings):
    hidden = encrypt("secret")

    settings.CREDENTIAL_KEYS = [NEW]

    assert decrypt(hidden) == "secret"
    rotated = rotate(hidden)
    (settings.DATA_DIR / KEY_FILE).unlink()
    assert decrypt(rotated) == "secret"


def test_a_new_key_of_the_file_is_used_first_and_the_old_one_kept(settings):
    hidden = encrypt("secret")

    add_key_to_file()

    lines = (settings.DATA_DIR / KEY_FILE).read_text().split()
    assert len(lines) == 2
    assert decrypt(hidden) == "secret"
    settings.CREDENTIAL_KEYS = [lines[0]]
    (settings.DATA_DIR / KEY_FILE).unlink()
    with pytest.raises(CredentialUnreadableError):
        decrypt(hidden)


@pytest.mark.parametrize("text", ["", "not encrypted", "gAAAAAB" + "x" * 60, "ünïcode"])
def test_what_no_key_fits_is_refused_with_what_to_do(settings, text):
    settings.CREDENTIAL_KEYS = [OTHER]

    with pytest.raises(CredentialUnreadableError, match="Put the old key back"):
        decrypt(text)


@pytest.mark.parametrize("key", ["short", "z" * 64, "a" * 63, "ü" * 44])
def test_what_is_no_key_stops_the_start(settings, key):
    settings.CREDENTIAL_KEYS = [key]

    with pytest.raises(ImproperlyConfigured, match="openssl rand -hex 32"):
        check_keys()
