"""A report of an evaluation as tables for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

_COLUMNS = {
    "n": "findings",
    "true_positives_kept": "true kept",
    "true_positives_dismissed": "true dismissed",
    "false_positives_dismissed": "false dismissed",
    "false_positives_kept": "false kept",
    "needs_review": "needs review",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "expected_calibration_error": "calibration error",
}


def tables_of(report: Mapping[str, Any], *, judged_by: str) -> Iterator[Table]:
    """Return the tables of a report: the figures by weakness, and what they took."""
    table = Table(title=f"Judged by {judged_by}")
    table.add_column("")
    for heading in _COLUMNS.values():
        table.add_column(heading, justify="right")
    table.add_row("all", *_cells(report), end_section=True)
    for name, counts in report["by_cwe"].items():
        table.add_row(name, *_cells(counts))
    if report["undecidable"]["n"]:
        table.add_section()
        table.add_row("undecidable", *_cells(report["undecidable"]))
    yield table
    spent = Table(show_header=False)
    spent.add_row("tokens", f"{report['tokens']:,}")
    spent.add_row("cost in US dollars", f"{report['cost_usd']:.6f}")
    spent.add_row("seconds", f"{report['seconds']:.1f}")
    yield spent


def _cells(counts: Mapping[str, Any]) -> list[str]:
    return [_cell(counts[name]) for name in _COLUMNS]


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
