"""Databases of this run: migrated once, copied for each worker of pytest and each platform.

Only on the services that `tests.plugin_services` started: in a server of somebody's own a pattern
would grow old.
"""

import contextlib
import fcntl
import itertools
import os
import subprocess
import sys
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
PATTERN = "pattern"
_numbers = itertools.count(1)


def has_pattern():
    """Say whether this run has services of its own, so that a pattern may be made there."""
    return "TESTS_DIR" in os.environ


def make_pattern():
    """Make the pattern unless another worker did; wait for one that is about to."""
    with _alone(), _server() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [PATTERN])
        if cursor.fetchone():
            return
        cursor.execute("DROP DATABASE IF EXISTS draft")
        cursor.execute("CREATE DATABASE draft")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            check=True,
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": url_of("draft"),
                "DJANGO_SETTINGS_MODULE": "assistant_platform.settings_test",
            },
            stdin=subprocess.DEVNULL,
        )
        cursor.execute(f"ALTER DATABASE draft RENAME TO {PATTERN}")
        (Path(os.environ["TESTS_DIR"]) / "pattern.made").touch()


def copy_pattern():
    """Return the URL of a new database that is migrated and empty."""
    make_pattern()
    (Path(os.environ["TESTS_DIR"]) / "pattern.copied").touch()
    name = f"copy_{os.getpid()}_{next(_numbers)}"
    with _server() as cursor:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(PATTERN)))
    return url_of(name)


def url_of(name):
    """Return the URL of a database in the server of this run."""
    base, _, options = os.environ["DATABASE_URL"].partition("?")
    return base.rpartition("/")[0] + f"/{name}" + (f"?{options}" if options else "")


@contextlib.contextmanager
def _alone():
    with (Path(os.environ["TESTS_DIR"]) / "pattern.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _server():
    connection = psycopg2.connect(url_of("postgres"))
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor
