"""The Dashboard's plots, as numbers."""

from datetime import UTC, date, datetime, timedelta

from console.dashboard_plots import activity_plot, backlog_plot, guardrails_plot, name_of
from insights.dashboard_figures import Part


def a_part(number=0, *, days=1, **counts):
    first = date(2026, 11, 1) + timedelta(days=number * days)
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    numbers = dict.fromkeys(
        ("opened", "fixed", "ignored", "backlog", "found", "shown", "fixed_early"), 0
    )
    return Part(
        since=since,
        until=since + timedelta(days=days),
        first_day=first,
        last_day=first + timedelta(days=days - 1),
        **{**numbers, **counts},
    )


def test_what_was_opened_stands_above_the_line_and_what_was_closed_below():
    plot = activity_plot([a_part(opened=4, fixed=2, ignored=1)])

    opened, fixed, ignored = plot.columns[0].bars
    assert opened.top + opened.height == plot.zero
    assert fixed.top == plot.zero
    assert ignored.top == round(fixed.top + fixed.height, 1)
    assert ignored.top + ignored.height <= plot.base
    assert (opened.value, ignored.value) == ("4", "3")
    assert plot.columns[0].title == "Nov 1: 4 opened, 2 fixed, 1 ignored"


def test_the_scale_has_a_zero_and_at_most_six_ticks():
    for opened, closed in [(0, 0), (1, 0), (0, 7), (999, 1), (12345, 9876)]:
        plot = activity_plot([a_part(opened=opened, fixed=closed)])

        assert [tick.label for tick in plot.ticks].count("0") == 1
        assert len(plot.ticks) <= 7
        assert all(plot.top <= tick.at <= plot.base for tick in plot.ticks)


def test_the_backlogs_line_goes_through_each_part_and_names_its_ends():
    plot = backlog_plot([a_part(n, backlog=backlog) for n, backlog in enumerate([10, 5, 20, 15])])

    points = [tuple(map(float, point.split(","))) for point in plot.line.split()]
    assert len(points) == 4
    assert points[2][1] == min(y for _x, y in points)
    assert [dot.value for dot in plot.dots] == ["10", "15"]


def test_the_highest_backlog_is_named_where_it_stands_apart():
    plot = backlog_plot([a_part(n, backlog=n if n < 6 else 1) for n in range(12)])

    assert [dot.value for dot in plot.dots] == ["0", "5", "1"]


def test_an_empty_house_has_plots_without_bars():
    parts = [a_part(n) for n in range(7)]

    assert all(bar.height == 0 for one in activity_plot(parts).columns for bar in one.bars)
    assert {dot.y for dot in backlog_plot(parts).dots} == {float(backlog_plot(parts).base)}
    assert all(bar.height == 0 for one in guardrails_plot(parts).columns for bar in one.bars)


def test_what_was_not_shown_stands_upon_what_was():
    plot = guardrails_plot([a_part(found=5, shown=3, fixed_early=1)])

    shown, rest = plot.columns[0].bars
    assert round(rest.top + rest.height, 1) == shown.top
    assert plot.columns[0].title == "Nov 1: 5 found, 3 shown, 1 fixed before merge"


def test_labels_are_counted_from_the_newest_part():
    labels = [one.label for one in backlog_plot([a_part(n) for n in range(30)]).columns]

    assert labels[-1] == "Nov 30"
    assert sum(label != "" for label in labels) == 6


def test_days_are_named_in_short():
    assert name_of(a_part(days=1)) == "Nov 1"
    assert name_of(a_part(days=7)) == "Nov 1 to 7"
    assert name_of(a_part(days=31)) == "Nov 1 to Dec 1"
