"""Count and sum what the office wants to know."""

from fernhill import database

TABLES = {
    "orders": "orders",
    "returns": "order_returns",
    "reviews": "reviews",
    "customers": "customers",
}
FORMULAS = {
    "margin": "(revenue - cost) / revenue",
    "return_rate": "returned / sold",
    "average_basket": "revenue / orders",
}


class UnknownReportError(LookupError):
    """There is no report of this name."""


def count_of(subject: str) -> int:
    table = TABLES.get(subject)
    if table is None:
        raise UnknownReportError(subject)
    query = f"SELECT count(*) AS amount FROM {table}"
    return database.connection().execute(query).fetchone()["amount"]


def rows_of_group(subject: str, column: str) -> list[dict[str, object]]:
    if subject not in TABLES:
        raise UnknownReportError(subject)
    query = f"SELECT {column}, count(*) AS amount FROM {TABLES[subject]} GROUP BY {column}"
    return [dict(row) for row in database.connection().execute(query)]


def figure(name: str, numbers: dict[str, float]) -> float:
    """One of the figures on the office's first page."""
    if name not in FORMULAS:
        raise UnknownReportError(name)
    return float(eval(FORMULAS[name], {"__builtins__": {}}, numbers))


def custom_figure(expression: str, numbers: dict[str, float]) -> float:
    """A figure that somebody in the office has written."""
    return float(eval(expression, {"__builtins__": {}}, numbers))
