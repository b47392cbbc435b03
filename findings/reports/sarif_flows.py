"""The data flow of a SARIF result: places alone, left out where they cannot be read."""

from typing import Any

from findings.reports.fields import Fields
from findings.reports.traces import MOST_PLACES
from findings.reports.values import InvalidReportError, TracePlace


def read_flows(result: Fields) -> tuple[TracePlace, ...]:
    """Return the places of the first thread flow, the source first."""
    match result.values.get("codeFlows"):
        case [{"threadFlows": [{"locations": list(steps)}, *_]}, *_]:
            pass
        case _:
            return ()
    places = []
    for index, step in enumerate(steps[:MOST_PLACES]):
        role = "source" if index == 0 else "sink" if index == len(steps) - 1 else "step"
        place = _place(role, step)
        if place is not None:
            places.append(place)
    return tuple(places)


def _place(role: str, step: Any) -> TracePlace | None:
    try:
        physical = Fields(step, "$").object("location").object("physicalLocation")
        region = physical.object("region")
        line, column = region.position("startLine"), region.position("startColumn", 1)
        return TracePlace(
            role=role,
            path=physical.object("artifactLocation").file_path("uri"),
            line=line,
            column=column,
            end_line=region.position("endLine", line),
            end_column=region.position("endColumn", column + 1),
        )
    except InvalidReportError:
        return None
