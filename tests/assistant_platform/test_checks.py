"""Start-up checks: the database role that row-level security does not bind is refused."""

import contextlib
import os
import subprocess
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.db import connections

from assistant_platform.embedded_postgres import find_programs
from assistant_platform.env import read_database

ROOT = Path(__file__).resolve().parents[2]
CREATE_ROLE = ROOT / "docs" / "deployment" / "create-role.sh"
SOCKETS = settings.DATABASES["default"]["HOST"]
pytestmark = pytest.mark.skipif(
    not SOCKETS.startswith("/"), reason="needs the embedded server, whose superuser we are"
)


@contextlib.contextmanager
def superuser():
    """A session of the embedded server's superuser."""
    connection = psycopg2.connect(host=SOCKETS, user="postgres", dbname="postgres")
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def another_role(django_db_blocker):
    """Let the platform connect as another role for the length of a test."""
    before = connections["default"].settings_dict

    def become(role, database="postgres"):
        changed = read_database(f"postgresql://{role}@/{database}?host={SOCKETS}")
        connections["default"].close()
        connections["default"].settings_dict = {**before, **changed, "OPTIONS": {}}

    with django_db_blocker.unblock():
        yield become
        connections["default"].close()
    connections["default"].settings_dict = before


def complaints():
    return [message.id for message in run_checks(databases=["default"]) if message.level >= 40]


def test_our_own_role_is_accepted(db):
    assert complaints() == []


def test_a_superuser_is_refused(another_role):
    another_role("postgres")

    assert complaints() == ["assistant.E001"]


def test_a_role_that_bypasses_row_level_security_is_refused(another_role):
    with superuser() as cursor:
        cursor.execute("CREATE ROLE sneaky LOGIN NOSUPERUSER BYPASSRLS")
        try:
            another_role("sneaky")
            assert complaints() == ["assistant.E001"]
            connections["default"].close()
        finally:
            cursor.execute("DROP ROLE sneaky")


def test_the_role_that_the_composition_makes_is_accepted(another_role):
    text = CREATE_ROLE.read_text()
    script = text.replace("assistant LOGIN", "composed LOGIN").replace(
        "DATABASE assistant", "DATABASE composed"
    )
    script = script.replace("OWNER assistant", "OWNER composed")
    with superuser() as cursor:
        try:
            subprocess.run(
                ["sh", "-c", script],
                env={
                    "PATH": f"{find_programs()}:{os.environ['PATH']}",
                    "PGHOST": SOCKETS,
                    "ASSISTANT_DATABASE_PASSWORD": 'it\'s "secret" $1',
                },
                check=True,
                capture_output=True,
            )
            another_role("composed", "composed")
            assert complaints() == []
            connections["default"].close()
        finally:
            cursor.execute("DROP DATABASE IF EXISTS composed")
            cursor.execute("DROP ROLE IF EXISTS composed")
