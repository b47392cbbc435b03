"""Settings, read in processes of their own with an environment of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant_platform.env import read_database

ROOT = Path(__file__).resolve().parents[2]
PRINT = "import json; from assistant_platform import settings as s; print(json.dumps(dict({})))"


def read_settings(tmp_path, *names, **environment):
    """Import the settings anew; return those that are asked for, or what the import complains."""
    pairs = ", ".join(f"{name}=s.{name}" for name in names)
    result = subprocess.run(
        [sys.executable, "-c", PRINT.format(pairs)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(result.stdout) if result.returncode == 0 else result.stderr


def test_a_database_url_names_role_host_port_and_database():
    database = read_database("postgresql://ada:p%40ss%2Fword@db.example:5433/acme")

    assert {key: database[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")} == {
        "USER": "ada",
        "PASSWORD": "p@ss/word",
        "HOST": "db.example",
        "PORT": "5433",
        "NAME": "acme",
    }
    assert database["OPTIONS"] == {}


def test_a_database_url_may_name_a_socket_directory_and_options():
    database = read_database("postgresql://ada@/acme?host=/run/pg&sslmode=require")

    assert (database["HOST"], database["PORT"]) == ("/run/pg", "")
    assert database["OPTIONS"] == {"sslmode": "require"}


def test_without_addresses_the_embedded_services_are_asked(tmp_path):
    read = read_settings(tmp_path, "DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")

    assert read == {
        "DATABASE_URL": f"postgresql://assistant@/assistant?host={tmp_path}/run",
        "REDIS_URL": f"unix://{tmp_path}/run/valkey.sock",
        "CELERY_BROKER_URL": f"redis+socket://{tmp_path}/run/valkey.sock",
    }


def test_addresses_of_the_environment_win(tmp_path):
    read = read_settings(
        tmp_path,
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        DATABASE_URL="postgresql://a@b/c",
        REDIS_URL="rediss://:secret@cache.example:6380/1",
    )

    assert read == {
        "DATABASE_URL": "postgresql://a@b/c",
        "CELERY_BROKER_URL": "rediss://:secret@cache.example:6380/1",
    }


@pytest.mark.parametrize(
    ("environment", "provider"),
    [
        ({}, "offline"),
        ({"OPENAI_API_KEY": "k"}, "offline"),
        ({"ASSISTANT_MODEL": "m"}, "offline"),
        ({"ASSISTANT_MODEL": "m", "OPENAI_API_KEY": "k"}, "openai"),
        ({"ASSISTANT_MODEL": "m", "OPENAI_BASE_URL": "http://127.0.0.1:1"}, "openai"),
    ],
)
def test_a_model_needs_a_name_and_a_way_to_it(tmp_path, environment, provider):
    read = read_settings(tmp_path, "ASSISTANT_PROVIDER", **environment)

    assert read == {"ASSISTANT_PROVIDER": provider}


def test_behind_https_cookies_are_secure_and_the_scanner_is_never_redirected(tmp_path):
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")

    read = read_settings(tmp_path, *names, PUBLIC_URL="https://assay.example/")

    assert read == dict(zip(names, (True, True, False), strict=True))


def test_a_wrong_value_ends_the_start_with_the_name_of_its_variable(tmp_path):
    complaint = read_settings(tmp_path, "DEBUG", UPLOAD_LIMIT_MEGABYTES="lots")

    assert "UPLOAD_LIMIT_MEGABYTES is 'lots'; set it to a whole number" in complaint


@pytest.mark.parametrize(
    ("environment", "backend"),
    [
        ({}, "console"),
        ({"EMAIL_FILE_PATH": "/tmp/mails"}, "filebased"),
        ({"EMAIL_HOST": "mail.example", "EMAIL_FILE_PATH": "/tmp/mails"}, "smtp"),
    ],
)
def test_mails_go_to_the_server_that_is_named_else_to_files_else_to_the_console(
    tmp_path, environment, backend
):
    read = read_settings(tmp_path, "EMAIL_BACKEND", **environment)

    assert read == {"EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend"}


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("https://assay.example", "Assay <no-reply@assay.example>"),
        ("http://127.0.0.1:8000", "Assay <no-reply@localhost>"),
        ("http://[::1]:8000", "Assay <no-reply@localhost>"),
    ],
)
def test_mails_come_from_the_host_that_people_know(tmp_path, url, sender):
    read = read_settings(tmp_path, "DEFAULT_FROM_EMAIL", PUBLIC_URL=url)

    assert read == {"DEFAULT_FROM_EMAIL": sender}


def test_two_ways_of_encryption_at_once_are_refused(tmp_path):
    complaint = read_settings(tmp_path, "EMAIL_PORT", EMAIL_USE_TLS="1", EMAIL_USE_SSL="1")

    assert "EMAIL_USE_SSL" in complaint
