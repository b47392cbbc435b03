"""Plots as numbers: where each column, point and label of an SVG stands; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.figures import CalibrationBin, WeekAgreement

WEEKS_WIDTH, WEEKS_HEIGHT = 640, 220
_LEFT, _TOP, _BOTTOM = 40, 22, 28
SQUARE = 330
_SQUARE_LEFT, _SQUARE_TOP, _SIDE = 44, 12, 264
_SMALLEST_RADIUS, _LARGEST_RADIUS = 5.0, 16.0
_MOST_LABELS = 12
_TENTHS = (0, 2, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One week: those who agree below, those who disagree upon them."""

    x: float
    width: float
    middle: float
    agreed_top: float
    agreed_height: float
    disagreed_top: float
    disagreed_height: float
    label: str
    share: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeksPlot:
    """Opinions by week."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    width: int = WEEKS_WIDTH
    height: int = WEEKS_HEIGHT
    left: int = _LEFT
    base: int = WEEKS_HEIGHT - _BOTTOM
    label_y: int = WEEKS_HEIGHT - 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One bin of confidence."""

    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    label: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPlot:
    """Confidence against agreement; on the diagonal both are equal."""

    points: tuple[Point, ...]
    across: tuple[Tick, ...]
    upward: tuple[Tick, ...]
    size: int = SQUARE
    left: int = _SQUARE_LEFT
    right: int = _SQUARE_LEFT + _SIDE
    top: int = _SQUARE_TOP
    base: int = _SQUARE_TOP + _SIDE


def weeks_plot(weeks: Sequence[WeekAgreement]) -> WeeksPlot:
    """Return the plot of the weeks, the oldest first."""
    most = max([week.total for week in weeks], default=0)
    step = tick_step(most)
    top_value = max(step, -(-most // step) * step)
    scale = (WEEKS_HEIGHT - _TOP - _BOTTOM) / top_value
    base = WEEKS_HEIGHT - _BOTTOM
    ticks = tuple(
        Tick(at=round(base - value * scale, 1), label=str(value))
        for value in range(0, top_value + 1, step)
    )
    return WeeksPlot(columns=_columns(weeks, scale=scale), ticks=ticks)


def _columns(weeks: Sequence[WeekAgreement], *, scale: float) -> tuple[Column, ...]:
    base, room = WEEKS_HEIGHT - _BOTTOM, (WEEKS_WIDTH - _LEFT) / max(len(weeks), 1)
    every = -(-len(weeks) // _MOST_LABELS)
    columns = []
    for index, week in enumerate(weeks):
        agreed, disagreed = week.agreed * scale, week.disagreed * scale
        x = _LEFT + index * room + room * 0.15
        share = "" if week.ratio is None else f"{week.percentage} %"
        columns.append(
            Column(
                x=round(x, 1),
                width=round(room * 0.7, 1),
                middle=round(x + room * 0.35, 1),
                agreed_top=round(base - agreed, 1),
                agreed_height=round(agreed, 1),
                disagreed_top=round(base - agreed - disagreed, 1),
                disagreed_height=round(disagreed, 1),
                # Counted from the newest week, which is the one that is looked for.
                label=f"{week.week:%b} {week.week.day}"
                if (len(weeks) - 1 - index) % every == 0
                else "",
                share=share if len(weeks) <= 2 * _MOST_LABELS else "",
                title=f"Week of {week.week}: {week.agreed} agree, {week.disagreed} disagree",
            )
        )
    return tuple(columns)


def tick_step(most: int) -> int:
    """Return the smallest round distance of ticks that makes at most five of them."""
    powers = (int(f"1{'0' * zeros}") for zeros in range(12))
    steps = (digit * power for power in powers for digit in (1, 2, 5))
    return next(step for step in steps if most <= 5 * step)


def calibration_plot(bins: Sequence[CalibrationBin]) -> CalibrationPlot:
    """Return the plot of the bins; a point's area stands for its number of opinions."""
    most = max([one.total for one in bins], default=1)
    return CalibrationPlot(
        points=tuple(_point(one, most=most) for one in bins),
        across=tuple(Tick(at=_across(n / 10), label=f"{n * 10} %") for n in _TENTHS),
        upward=tuple(Tick(at=_upward(n / 10), label=f"{n * 10} %") for n in _TENTHS),
    )


def _point(one: CalibrationBin, *, most: int) -> Point:
    radius = round(max(_SMALLEST_RADIUS, _LARGEST_RADIUS * (one.total / most) ** 0.5), 1)
    x, y = _across(one.confidence), _upward(one.ratio or 0.0)
    return Point(
        x=x,
        y=y,
        radius=radius,
        # On the left of its point: most points stand at the right edge.
        label_x=round(x - radius - 3, 1),
        label_y=round(y + 4, 1),
        label=str(one.total),
        title=(
            f"Confidence {one.index * 10} to {one.index * 10 + 10} %:"
            f" {one.agreed} of {one.total} opinions agree"
        ),
    )


def _across(ratio: float) -> float:
    return round(_SQUARE_LEFT + ratio * _SIDE, 1)


def _upward(ratio: float) -> float:
    return round(_SQUARE_TOP + (1 - ratio) * _SIDE, 1)
