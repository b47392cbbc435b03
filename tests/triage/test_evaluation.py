"""Counting how good a judge is."""

from decimal import Decimal

import pytest

from findings.models import Conclusion
from triage.comparison import compare
from triage.evaluation import (
    Judged,
    Spending,
    bin_index,
    bins_of,
    count,
    expected_calibration_error,
    report,
)

TRUE, FALSE, DOUBT = (
    Conclusion.TRUE_POSITIVE,
    Conclusion.FALSE_POSITIVE,
    Conclusion.NEEDS_REVIEW,
)


def judged(label, conclusion, confidence=0.9, **fields):
    return Judged(label=label, conclusion=conclusion, confidence=confidence, **fields)


MIXED = [
    judged(TRUE, TRUE, 0.9, weaknesses=("CWE-89",)),
    judged(TRUE, TRUE, 0.7, weaknesses=("CWE-89", "CWE-20")),
    judged(TRUE, DOUBT, 0.5, weaknesses=("CWE-89",)),
    judged(TRUE, FALSE, 0.8, weaknesses=("CWE-79",), is_undecidable=True),
    judged(FALSE, FALSE, 0.8, weaknesses=("CWE-79",)),
    judged(FALSE, DOUBT, 0.5),
    judged(FALSE, TRUE, 0.9, weaknesses=("CWE-100",)),
]


def test_doubt_keeps_a_finding_and_is_counted_besides():
    counts = count(MIXED)

    assert (counts.true_positives_kept, counts.true_positives_dismissed) == (3, 1)
    assert (counts.false_positives_dismissed, counts.false_positives_kept) == (1, 2)
    assert (counts.needs_review, counts.total) == (2, 7)


def test_precision_recall_and_f1_are_about_what_was_kept():
    counts = count(MIXED)

    assert counts.precision == 3 / 5
    assert counts.recall == 3 / 4
    assert counts.f1 == pytest.approx(2 / 3)


def test_nothing_to_divide_by_gives_no_figure():
    empty = count([])
    dismissed = count([judged(FALSE, FALSE)])

    assert (empty.precision, empty.recall, empty.f1) == (None, None, None)
    assert (dismissed.precision, dismissed.recall, dismissed.f1) == (None, None, None)


def test_all_kept_ones_false_and_all_true_ones_dismissed_is_an_f1_of_zero():
    assert count([judged(FALSE, TRUE), judged(TRUE, FALSE)]).f1 == 0.0


@pytest.mark.parametrize(
    ("confidence", "index"),
    [(0.0, 0), (0.09, 0), (0.1, 1), (0.3, 3), (0.6, 6), (0.7, 7), (0.99, 9), (1.0, 9)],
)
def test_a_confidence_falls_into_its_tenth(confidence, index):
    assert bin_index(confidence) == index


def test_the_calibration_error_weighs_the_bins_of_decided_verdicts():
    rows = [
        judged(TRUE, TRUE, 0.9),
        judged(FALSE, TRUE, 0.9),
        judged(FALSE, FALSE, 0.6),
        judged(TRUE, DOUBT, 0.0),
    ]

    bins = bins_of(rows)

    assert [(one.index, one.count, one.right) for one in bins] == [(6, 1, 1), (9, 2, 1)]
    assert expected_calibration_error(bins) == pytest.approx((1 * 0.4 + 2 * 0.4) / 3)
    assert expected_calibration_error(bins_of([judged(TRUE, DOUBT)])) is None


def test_the_report_has_the_agreed_fields():
    spending = Spending(tokens=1200, cost_usd=Decimal("0.0125"), seconds=1.23456)

    told = report(MIXED, spending=spending)

    assert list(told) == [
        "n",
        "true_positives_kept",
        "true_positives_dismissed",
        "false_positives_dismissed",
        "false_positives_kept",
        "needs_review",
        "precision",
        "recall",
        "f1",
        "expected_calibration_error",
        "tokens",
        "cost_usd",
        "seconds",
        "by_cwe",
        "undecidable",
    ]
    assert (told["n"], told["tokens"], told["cost_usd"], told["seconds"]) == (
        7,
        1200,
        0.0125,
        1.235,
    )


def test_each_weakness_is_counted_in_the_order_of_its_number():
    told = report(MIXED, spending=Spending())

    assert {name: counts["n"] for name, counts in told["by_cwe"].items()} == {
        "CWE-20": 1,
        "CWE-79": 2,
        "CWE-89": 3,
        "CWE-100": 1,
        "none": 1,
    }
    assert list(told["by_cwe"]) == ["CWE-20", "CWE-79", "CWE-89", "CWE-100", "none"]
    assert told["undecidable"]["true_positives_dismissed"] == 1
    assert told["undecidable"]["n"] == 1


def result(finding_id, verdict, *, label="true_positive"):
    return {"finding_id": finding_id, "label": label, "verdict": verdict}


def test_two_runs_are_compared_on_the_findings_that_both_judged():
    before = [
        result(1, "needs_review"),
        result(2, "true_positive"),
        result(3, "false_positive"),
        result(4, "true_positive"),
        result(5, "needs_review", label="false_positive"),
        {"finding_id": 6, "label": "true_positive"},
    ]
    after = [
        result(1, "true_positive"),
        result(2, "false_positive"),
        result(3, "needs_review"),
        result(4, "true_positive"),
        result(5, "needs_review", label="true_positive"),
        result(6, "true_positive"),
        result(7, "true_positive"),
    ]

    found = compare(before, after)

    assert [(one.finding_id, one.is_better) for one in found.differences] == [
        (1, True),
        (2, False),
        (3, None),
    ]
    assert (found.shared, found.better, found.worse) == (4, 1, 1)
