"""The data flow of a match, from the form in which Semgrep writes it.

Only places are kept, no source text. A trace is a help for readers: a step of a form that we do
not know is left out, and the report is taken all the same.
"""

from collections.abc import Iterator
from typing import Any

from findings.reports.fields import Fields
from findings.reports.values import InvalidReportError, TracePlace

MOST_PLACES = 60
DEEPEST_CALL = 10


def read_trace(value: Any) -> tuple[TracePlace, ...]:
    """Return the places of a `dataflow_trace`, the source first."""
    if not isinstance(value, dict):
        return ()
    steps = value.get("intermediate_vars")
    places = [
        *_call_places("source", value.get("taint_source"), 0),
        *_variable_places(steps),
        *_call_places("sink", value.get("taint_sink"), 0),
    ]
    return tuple(places[:MOST_PLACES])


def _call_places(role: str, value: Any, depth: int) -> Iterator[TracePlace]:
    """Read `["CliLoc", [place, text]]` or `["CliCall", [[place, text], variables, inner]]`."""
    match value:
        case ["CliLoc", [location, *_]]:
            yield from _place(role, location)
        case ["CliCall", [[location, *_], variables, inner]] if depth < DEEPEST_CALL:
            yield from _place("call", location)
            yield from _variable_places(variables)
            yield from _call_places(role, inner, depth + 1)


def _variable_places(steps: Any) -> Iterator[TracePlace]:
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict):
            yield from _place("step", step.get("location"))


def _place(role: str, location: Any) -> Iterator[TracePlace]:
    try:
        fields = Fields(location, "$")
        start, end = fields.object("start"), fields.object("end")
        yield TracePlace(
            role=role,
            path=fields.file_path("path"),
            line=start.position("line"),
            column=start.position("col"),
            end_line=end.position("line"),
            end_column=end.position("col"),
        )
    except InvalidReportError:
        return
