"""One connection a request."""

import sqlite3
from collections.abc import Sequence

from flask import g

from fernhill import config


def connection() -> sqlite3.Connection:
    if "connection" not in g:
        g.connection = sqlite3.connect(config.DATABASE)
        g.connection.row_factory = sqlite3.Row
    return g.connection


def close_connection(_error: BaseException | None = None) -> None:
    opened = g.pop("connection", None)
    if opened is not None:
        opened.close()


def rows(sql: str, parameters: Sequence[object] = ()) -> list[dict[str, object]]:
    return [dict(row) for row in connection().execute(sql, parameters)]


def row(sql: str, parameters: Sequence[object] = ()) -> dict[str, object] | None:
    found = connection().execute(sql, parameters).fetchone()
    return dict(found) if found else None


def change(sql: str, parameters: Sequence[object] = ()) -> int:
    with connection() as opened:
        return opened.execute(sql, parameters).rowcount
