"""Migrations have names that say what they do, and can be taken back."""

import re

from django.db.migrations.loader import MigrationLoader

from tests.laws.tree import APPS


def ours():
    return {
        f"{app}.{name}": migration
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in APPS
    }


def test_every_migration_says_what_it_does():
    nameless = [
        name
        for name in ours()
        if not re.fullmatch(r"[a-z_]+\.\d{4}_(?!auto_)[a-z][a-z0-9_]+", name)
    ]
    assert nameless == []


def test_every_migration_can_be_taken_back():
    one_way = [
        f"{name}: {operation.describe()}"
        for name, migration in ours().items()
        for operation in migration.operations
        if not operation.reversible
    ]
    assert one_way == []
