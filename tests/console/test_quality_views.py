"""The Assistant quality page and its evaluations."""

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from console.plots import calibration_plot, weeks_plot
from findings.models import Conclusion, TriageState
from insights.figures import CalibrationBin, WeekAgreement
from tenants.models import AuditEvent, Door
from tests.factories import FindingFactory, ReportedRuleFactory, VerdictFactory
from triage.models import AnalysisStatus, EvaluationRun, Feedback, Rating

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def ada_at(client, ada):
    """Return a function that opens a page as Ada."""
    client.force_login(ada)

    def get(name, *arguments, **extra):
        return client.get(reverse(name, args=["acme", *arguments]), **extra)

    return get


def an_opinion(rating=Rating.GOOD, *, check_id="acme.sql", **fields):
    finding = FindingFactory(rule=ReportedRuleFactory(check_id=check_id))
    verdict = VerdictFactory(
        finding=finding, conclusion=Conclusion.FALSE_POSITIVE, confidence_ratio=0.8, **fields
    )
    Feedback.objects.create(verdict=verdict, rating=rating, door=Door.PAGE)
    return finding


def a_run(results=(), **fields):
    return EvaluationRun.objects.create(
        **{
            "name": "Ours",
            "prompt": "judge.md",
            "status": AnalysisStatus.DONE,
            "results": list(results),
            "judged": len(results),
            "total": len(results),
            **fields,
        }
    )


def a_result(finding, label, verdict):
    return {"finding_id": finding.id, "label": label, "verdict": verdict, "confidence": 0.9}


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_only_admins_see_it(client, request, person):
    client.force_login(request.getfixturevalue(person))

    response = client.get(reverse("console:quality", args=["acme"]))

    assert response.status_code == HTTPStatus.FORBIDDEN


def test_an_empty_house_is_told_what_is_missing(ada_at):
    page = ada_at("console:quality").content.decode()

    assert "Nobody has rated a verdict in these 90 days" in page
    assert "There is nothing to measure against yet" in page
    assert "evaluation-model" not in page


def test_the_figures_link_to_the_findings(ada_at):
    an_opinion(Rating.GOOD, check_id="acme.sql&more")
    an_opinion(Rating.BAD, check_id="acme.sql&more")

    page = ada_at("console:quality").content.decode()

    assert "/orgs/acme/findings?status=all&amp;rule=acme.sql%26more" in page
    assert "1 of 2 opinions" in page
    assert "1 agree, 1 disagree" in page


@pytest.mark.parametrize(("asked", "shown"), [("30", 30), ("365", 365), ("7", 90), ("x", 90)])
def test_the_address_names_the_period(ada_at, asked, shown):
    response = ada_at("console:quality", data={"days": asked})

    assert response.context["days"] == shown


def test_the_page_makes_as_many_queries_for_many_rows(ada_at, django_assert_max_num_queries):
    for index in range(3):
        an_opinion(check_id=f"acme.rule-{index}")
        a_run()

    with django_assert_max_num_queries(25) as first:
        ada_at("console:quality")
    for index in range(12):
        an_opinion(check_id=f"acme.other-{index}")
        a_run()
    with django_assert_max_num_queries(len(first)):
        ada_at("console:quality")


def test_an_evaluation_is_stored_and_audited(ada_at, client, ada, settings):
    settings.ASSISTANT_PROVIDER = "offline"
    an_opinion()

    response = client.post(
        reverse("console:evaluations", args=["acme"]),
        {"name": "", "model": "", "prompt": "judge.md", "most": "5"},
    )

    run = EvaluationRun.objects.get()
    assert response.url == reverse("console:evaluation", args=["acme", run.id])
    assert (run.name, run.total, run.status) == ("Rules of thumb, judge.md", 1, "waiting")
    assert AuditEvent.objects.get(action="evaluation.request").actor == ada


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"prompt": "other.md", "most": "5"}, "Select a valid choice"),
        ({"prompt": "judge.md", "most": "0"}, "greater than or equal to 1"),
        ({"prompt": "judge.md", "most": "5", "model": "gpt"}, "no model is set up"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_starts_nothing(ada_at, client, settings, form, said):
    settings.ASSISTANT_PROVIDER = "offline"
    an_opinion()

    response = client.post(reverse("console:evaluations", args=["acme"]), form)

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in response.content.decode()
    assert not EvaluationRun.objects.exists()


def test_a_running_evaluation_asks_for_itself_again_and_a_done_one_does_not(ada_at):
    running = a_run(status=AnalysisStatus.RUNNING, judged=1, total=3)
    done = a_run()

    shown = ada_at("console:evaluation", running.id, headers={"HX-Request": "true"})

    assert "1 of 3 findings judged" in shown.content.decode()
    assert 'hx-trigger="every 3s"' in shown.content.decode()
    assert "<html" not in shown.content.decode()
    assert "hx-trigger" not in ada_at("console:evaluation", done.id).content.decode()


def test_a_stopped_evaluation_says_why(ada_at):
    run = a_run(status=AnalysisStatus.FAILED, error="The budget is used up.", total=9)

    page = ada_at("console:evaluation", run.id).content.decode()

    assert "It was stopped after 0 of 9 findings. The budget is used up." in page


def test_two_evaluations_stand_side_by_side_with_what_changed(ada_at):
    better, worse, same = FindingFactory(), FindingFactory(), FindingFactory()
    real, false, doubt = "true_positive", "false_positive", "needs_review"
    before = a_run(
        [a_result(better, false, doubt), a_result(worse, real, real), a_result(same, real, real)],
        name="Before",
    )
    after = a_run(
        [a_result(better, false, false), a_result(worse, real, doubt), a_result(same, real, real)],
        name="After",
    )

    response = ada_at("console:evaluation", after.id, data={"with": before.id})

    assert [row["finding"] for row in response.context["differences"]] == [better, worse]
    page = response.content.decode()
    assert "1 right only now, 1 right only before" in " ".join(page.split())


@pytest.mark.parametrize(("cost_usd", "shown"), [(0.0, "\N{EN DASH}"), (0.0125, "0.0125")])
def test_an_evaluation_without_prices_has_no_cost_to_show(ada_at, cost_usd, shown):
    run = a_run(report={"cost_usd": cost_usd})

    rows = ada_at("console:evaluation", run.id).context["report_rows"]

    assert [row["after"] for row in rows if row["label"] == "Cost in US dollars"] == [shown]


def test_what_was_decided_otherwise_than_people_say_is_listed(ada_at):
    wrong, doubt = FindingFactory(), FindingFactory()
    run = a_run(
        [
            a_result(wrong, "true_positive", "false_positive"),
            a_result(doubt, "true_positive", "needs_review"),
            a_result(FindingFactory(), "true_positive", "true_positive"),
        ]
    )

    rows = ada_at("console:evaluation", run.id).context["wrong"]

    assert [(row["finding"], row["verdict"]) for row in rows] == [(wrong, "False positive")]


def test_a_finding_that_is_gone_is_said_to_be(ada_at):
    finding = FindingFactory()
    run = a_run([a_result(finding, "true_positive", "false_positive")])
    finding.delete()

    assert "A finding that is gone" in ada_at("console:evaluation", run.id).content.decode()


def test_the_columns_of_the_weeks_end_on_the_axis():
    weeks = [
        WeekAgreement(week=date(2026, 11, 9), total=0, agreed=0),
        WeekAgreement(week=date(2026, 11, 16), total=4, agreed=3),
    ]

    plot = weeks_plot(weeks)

    empty, full = plot.columns
    assert (empty.agreed_height, empty.disagreed_height, empty.share) == (0, 0, "")
    assert full.agreed_top + full.agreed_height == plot.base
    assert full.disagreed_top + full.disagreed_height == full.agreed_top
    assert full.share == "75 %"
    assert [tick.label for tick in plot.ticks] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (0, ["0", "1"]),
        (5, ["0", "1", "2", "3", "4", "5"]),
        (7, ["0", "2", "4", "6", "8"]),
        (1000, ["0", "200", "400", "600", "800", "1000"]),
    ],
)
def test_the_ticks_are_round_numbers(most, labels):
    week = WeekAgreement(week=date(2026, 11, 16), total=most, agreed=most)

    assert [tick.label for tick in weeks_plot([week]).ticks] == labels


def test_a_year_of_weeks_has_few_labels_and_one_for_the_newest():
    weeks = [
        WeekAgreement(week=NOW.date() - timedelta(weeks=ago), total=1, agreed=1)
        for ago in range(52, -1, -1)
    ]

    labels = [column.label for column in weeks_plot(weeks).columns]

    assert len([label for label in labels if label]) <= 12
    assert labels[-1] == "Nov 20"


def test_a_point_on_the_diagonal_is_as_far_right_as_up():
    whole = CalibrationBin(index=9, total=4, agreed=4, confidence=1.0)

    plot = calibration_plot([whole])

    point = plot.points[0]
    assert (point.x, point.y) == (plot.right, plot.top)
    assert point.title == "Confidence 90 to 100 %: 4 of 4 opinions agree"


def test_without_opinions_there_are_axes_alone():
    assert calibration_plot([]).points == ()
    assert weeks_plot([]).columns == ()


def test_triage_of_a_person_is_an_answer_to_measure_by(ada_at, ada):
    FindingFactory(triage_state=TriageState.FIXING, triaged_by=ada, triaged_at=timezone.now())

    assert ada_at("console:quality").context["answers"] == 1
