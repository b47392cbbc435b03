"""The Dashboard's plots as numbers: where each column, line and label of an SVG stands; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from console.plots import Tick, tick_step
from insights.dashboard_figures import Part

WIDTH, HEIGHT = 640, 160
_LEFT, _TOP, _BOTTOM = 40, 20, 26
_BASE = HEIGHT - _BOTTOM
_ROOM = _BASE - _TOP
_MOST_LABELS = 7
_MOST_VALUES = 14
_SHARE_OF_COLUMN = 0.64


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle of a column, with its number where there is room for it."""

    top: float
    height: float
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One part of the period: what is drawn there, and what a pointer reads."""

    x: float
    width: float
    middle: float
    label: str
    title: str
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point of the backlog that has its number beside it."""

    x: float
    y: float
    value: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot over the parts of a period; `line` and `area` are the points of the backlog."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    zero: float
    line: str = ""
    area: str = ""
    dots: tuple[Dot, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    top: int = _TOP
    base: int = _BASE
    label_y: int = HEIGHT - 8


def backlog_plot(parts: Sequence[Part]) -> Plot:
    """Return the plot of what is undecided at the end of each part, the oldest first."""
    scale, ticks = _scale(above=max((part.backlog for part in parts), default=0))
    columns = _columns(parts, lambda part: f"{part.backlog:,} undecided", lambda _part: ())
    places = [
        (column.middle, round(_BASE - part.backlog * scale, 1))
        for column, part in zip(columns, parts, strict=True)
    ]
    line = " ".join(f"{x},{y}" for x, y in places)
    area = f"{places[0][0]},{_BASE} {line} {places[-1][0]},{_BASE}" if places else ""
    return Plot(
        columns=columns,
        ticks=ticks,
        zero=_BASE,
        line=line,
        area=area,
        dots=_dots(parts, places),
    )


def activity_plot(parts: Sequence[Part]) -> Plot:
    """Return the plot of what was opened, upward, and of what was fixed and ignored, downward."""
    above = max((part.opened for part in parts), default=0)
    below = max((part.closed for part in parts), default=0)
    scale, ticks = _scale(above=above, below=below)
    zero = next(tick.at for tick in ticks if tick.label == "0")
    has_values = len(parts) <= _MOST_VALUES

    def bars(part: Part) -> tuple[Bar, ...]:
        up, fixed, ignored = (n * scale for n in (part.opened, part.fixed, part.ignored))
        return (
            _bar(zero - up, up, part.opened if has_values else 0),
            _bar(zero, fixed, 0),
            _bar(zero + fixed, ignored, part.closed if has_values else 0),
        )

    def title(part: Part) -> str:
        return f"{part.opened:,} opened, {part.fixed:,} fixed, {part.ignored:,} ignored"

    return Plot(columns=_columns(parts, title, bars), ticks=ticks, zero=zero)


def guardrails_plot(parts: Sequence[Part]) -> Plot:
    """Return the plot of what was found in change requests: shown below, not shown upon it."""
    scale, ticks = _scale(above=max((part.found for part in parts), default=0))
    has_values = len(parts) <= _MOST_VALUES

    def bars(part: Part) -> tuple[Bar, ...]:
        shown, rest = part.shown * scale, (part.found - part.shown) * scale
        return (
            _bar(_BASE - shown, shown, 0),
            _bar(_BASE - shown - rest, rest, part.found if has_values else 0),
        )

    def title(part: Part) -> str:
        return (
            f"{part.found:,} found, {part.shown:,} shown, {part.fixed_early:,} fixed before merge"
        )

    return Plot(columns=_columns(parts, title, bars), ticks=ticks, zero=_BASE)


def name_of(part: Part) -> str:
    """Return a part's days in words: `Nov 2 to 8`."""
    first, last = part.first_day, part.last_day
    if first == last:
        return _day(first)
    end = str(last.day) if first.month == last.month else _day(last)
    return f"{_day(first)} to {end}"


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"


def _scale(*, above: int, below: int = 0) -> tuple[float, tuple[Tick, ...]]:
    """Return units a finding, and the ticks from the lowest to the highest."""
    step = tick_step(max(above + below, 1))
    high = max(-(-above // step), 0 if below else 1) * step
    low = -(-below // step) * step
    scale = _ROOM / (high + low)
    ticks = tuple(
        Tick(at=round(_TOP + (high - value) * scale, 1), label=f"{abs(value):,}")
        for value in range(-low, high + 1, step)
    )
    return scale, ticks


def _columns(
    parts: Sequence[Part],
    title: Callable[[Part], str],
    bars: Callable[[Part], tuple[Bar, ...]],
) -> tuple[Column, ...]:
    room = (WIDTH - _LEFT) / max(len(parts), 1)
    every = -(-len(parts) // _MOST_LABELS)
    last = len(parts) - 1
    return tuple(
        Column(
            x=round(_LEFT + index * room + room * (1 - _SHARE_OF_COLUMN) / 2, 1),
            width=round(room * _SHARE_OF_COLUMN, 1),
            middle=round(_LEFT + (index + 0.5) * room, 1),
            # Counted from the newest, which is the one that is looked for.
            label=_day(part.first_day) if (last - index) % every == 0 else "",
            title=f"{name_of(part)}: {title(part)}",
            bars=bars(part),
        )
        for index, part in enumerate(parts)
    )


def _bar(top: float, height: float, value: int) -> Bar:
    return Bar(top=round(top, 1), height=round(height, 1), value=f"{value:,}" if value else "")


def _dots(parts: Sequence[Part], places: Sequence[tuple[float, float]]) -> tuple[Dot, ...]:
    """Return the first, the highest and the last point."""
    if not parts:
        return ()
    highest = max(range(len(parts)), key=lambda index: parts[index].backlog)
    last = len(parts) - 1
    anchors = {0: "start", last: "end"}
    return tuple(
        Dot(
            x=places[index][0],
            y=places[index][1],
            value=f"{parts[index].backlog:,}",
            anchor=anchors.get(index, "middle"),
        )
        for index in sorted({0, highest, last})
        # Two numbers that stand too close cannot be read; the ends say more.
        if index in anchors or 1 < index < last - 1
    )
