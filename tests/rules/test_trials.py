"""Runs of the editor: whose turn it is, what one person may have, and what comes of them."""

import sys
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidInputError
from pipeline import trades
from pipeline.jobs import run_job
from pipeline.tasks import run_rule_trial
from rules.models import RuleTrial
from rules.regexes import has_nested_repeats
from rules.starters import STARTERS
from rules.trials import (
    TooManyTrialsError,
    TrialResult,
    result_of,
    trial_in_turn,
    want_trial,
)
from rules.trying import try_rule
from tenants.jobs import JobStatus, claim, finish
from tests.factories import RuleTrialFactory
from tests.rules.test_texts import BOMB, RULE

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEST = "# ruleid: no-eval\neval(a)\n# ok: no-eval\nprint(b)\n"


def want(person, *, at=NOW, text=RULE, test_code=TEST):
    return want_trial(person=person, text=text, test_code=test_code, now=at)


def run(trial, now=NOW):
    run_job(trade=trades.TRIALS, job_id=trial.pk, now=now)
    trial.refresh_from_db()
    return result_of(trial)


def statuses():
    return list(RuleTrial.objects.order_by("id").values_list("status", flat=True))


@pytest.mark.semgrep
def test_a_run_says_what_matched_and_what_came_of_each_expectation(ada):
    trial = want(ada)

    result = run(trial)

    assert (trial.status, result.problem, result.is_green) == (JobStatus.DONE, "", True)
    (match,) = result.matches
    assert (match.line, match.column, match.end_line, match.end_column) == (2, 1, 2, 8)
    assert match.message == "Do not call eval."
    assert [(one.line, one.kind, one.is_met) for one in result.expectations] == [
        (2, "ruleid", True),
        (4, "ok", True),
    ]
    assert TrialResult.from_mapping(result.as_mapping()) == result


@pytest.mark.semgrep
@pytest.mark.parametrize("name", STARTERS)
def test_each_starter_passes_its_own_test(name):
    result = try_rule(text=STARTERS[name].text, test_code=STARTERS[name].test_code)

    assert (result.problem, result.unmet, result.is_green) == ("", (), True)


@pytest.mark.semgrep
@pytest.mark.parametrize(
    ("change", "code", "line", "words"),
    [
        (("eval($X)", "eval($X"), TEST, 2, "refuses the rule: Invalid pattern for Python"),
        (("[python]", "[klingon]"), TEST, 3, "refuses the rule: invalid language klingon"),
        (("pattern: eval($X)", "pattern-regex: (a"), TEST, 2, "refuses the rule: invalid regex"),
        (("", ""), TEST + "def (((\n", None, "The test code does not parse"),
    ],
)
def test_what_the_scanner_refuses_is_said_with_its_line(change, code, line, words):
    result = try_rule(text=RULE.replace(*change), test_code=code)

    assert (result.problem_line, result.is_green, result.tripped_limit) == (line, False, "")
    assert words in result.problem


@pytest.mark.semgrep
def test_the_paths_of_a_rule_do_not_keep_it_from_its_test():
    result = try_rule(text=f"{RULE}    paths: {{include: [src/]}}\n", test_code=TEST)

    assert (result.problem, result.is_green) == ("", True)


@pytest.mark.semgrep
def test_a_rule_that_takes_too_long_is_stopped_and_said_to(settings):
    settings.RULE_TRIAL_SECONDS = 2
    pattern = " ... ".join(f"${letter}" for letter in "ABCDEFG")
    slow = RULE.replace("eval($X)", "|\n      " + pattern.replace(" ", "\n      "))

    result = try_rule(text=slow, test_code="".join(f"x{n}()\n" for n in range(600)))

    assert (result.tripped_limit, result.is_green) == ("time", False)
    assert "stopped after 2 seconds" in result.problem


@pytest.mark.semgrep
def test_a_regex_that_goes_back_for_ever_is_cut_off_and_said_to():
    endless = RULE.replace("pattern: eval($X)", "pattern-regex: ((a?){30}a{30}b?)+c")

    result = try_rule(text=endless, test_code="# ruleid: no-eval\n" + "a" * 30 + " = c\n")

    assert not result.is_green
    assert "has a repeat inside a repeat" in result.problem


@pytest.mark.parametrize(
    ("regex", "is_nested"),
    [
        ("(a+)+", True),
        ("((a?){30}b)*", True),
        (r"(?:\d+\.){3}", True),
        ("a+b*", False),
        ("(a|b)+c*", False),
        (r"(\+[*+])+", False),
        ("(a", False),
        (")a+(", False),
        ("[" * 200_000, False),
    ],
)
def test_repeats_in_repeats_are_seen(regex, is_nested):
    rule = {"patterns": [{"metavariable-regex": {"metavariable": "$X", "regex": regex}}]}

    assert has_nested_repeats(rule) is is_nested


def a_scanner(script, folder, settings):
    program = folder / "scanner"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    settings.SEMGREP_PROGRAM = str(program)


@pytest.mark.parametrize(
    ("script", "tripped", "words"),
    [
        ("while :; do :; done", "time", "stopped after 1 seconds"),
        (f"exec {sys.executable} -c 'bytearray(10**12)'", "memory", "more memory than it may"),
        ("echo 'sh: 1: Cannot fork' >&2; exit 2", "processes", "more processes than it may"),
        ("yes", "output", "wrote more than 8 MiB"),
        ("echo 'x: Permission denied' >&2; exit 2", "files",
         "files outside its folder"),
        ("echo no report", "", "report is not as it should be"),
    ],
)  # fmt: skip
def test_each_limit_that_trips_is_said_in_the_result(script, tripped, words, tmp_path, settings):
    settings.RULE_TRIAL_SECONDS = 1
    a_scanner(script, tmp_path, settings)

    result = try_rule(text=RULE, test_code=TEST)

    assert (result.tripped_limit, result.is_green) == (tripped, False)
    assert words in result.problem


@pytest.mark.parametrize("text", [BOMB + RULE, "rules: &a [*a]", RULE.replace("no-eval", "../a")])
def test_a_text_that_is_refused_is_not_run(text, scanner):
    result = try_rule(text=text, test_code=TEST)

    assert result.problem
    assert result.problem_line
    assert scanner.read_text() == ""


def test_a_newer_run_takes_the_place_of_the_one_that_waits(ada, mel):
    first, others, second = want(ada), want(mel), want(ada)

    assert statuses() == [JobStatus.FAILED, JobStatus.WAITING, JobStatus.WAITING]
    first.refresh_from_db()
    assert result_of(first).problem == "A newer run took its place."
    assert (result_of(others), result_of(second)) == (None, None)


def test_a_thousand_runs_of_one_person_are_one_that_waits(ada, settings):
    settings.RULE_TRIALS_PER_MINUTE = 5
    for second in range(5):
        want(ada, at=NOW + timedelta(seconds=second))

    with pytest.raises(TooManyTrialsError, match="5 runs within a minute") as refusal:
        want(ada, at=NOW + timedelta(seconds=6))

    assert refusal.value.status == 429
    assert statuses().count(JobStatus.WAITING) == 1
    want(ada, at=NOW + timedelta(seconds=61))


def test_runs_under_way_are_few_for_each_person(ada, mel, settings):
    settings.RULE_TRIALS_PER_PERSON = 2
    for _ in range(2):
        claim(RuleTrial, job_id=want(ada).pk, now=NOW)

    with pytest.raises(TooManyTrialsError, match="2 of your runs are under way"):
        want(ada)
    want(mel)

    assert RuleTrial.objects.count() == 3


def test_old_runs_go(ada, mel):
    old, others = want(ada), want(mel)
    RuleTrial.objects.update(status=JobStatus.DONE)

    want(ada, at=NOW + timedelta(days=2))

    assert not RuleTrial.objects.filter(id=old.pk).exists()
    assert RuleTrial.objects.filter(id=others.pk).exists()


def test_few_runs_of_a_person_are_kept(ada, mel, monkeypatch, settings):
    monkeypatch.setattr("rules.trials.MOST_KEPT", 2)
    settings.RULE_TRIALS_PER_MINUTE = 2
    of_mel = want(mel)
    first, *others = [RuleTrialFactory(person=ada, status=JobStatus.DONE) for _ in range(3)]
    live = RuleTrialFactory(person=ada, status=JobStatus.RUNNING)

    newest = want(ada)

    assert set(RuleTrial.objects.all()) == {of_mel, *others, live, newest}
    assert not RuleTrial.objects.filter(id=first.pk).exists()


@pytest.mark.parametrize("field", ["text", "test_code"])
def test_a_text_of_a_megabyte_is_refused(ada, field):
    with pytest.raises(InvalidInputError, match=rf"^{field}: .* has 1,048,576 characters"):
        want(ada, **{field: "x" * 1024 * 1024})

    assert not RuleTrial.objects.exists()


def test_whose_turn_was_the_longest_ago_comes_first(ada, mel, vic, django_assert_num_queries):
    had_hers = claim(RuleTrial, job_id=want(ada).pk, now=NOW)
    finish(had_hers, now=NOW + timedelta(seconds=1))
    has_hers = claim(RuleTrial, job_id=want(mel).pk, now=NOW)
    later = NOW + timedelta(seconds=5)
    mels, adas, vics = want(mel, at=later), want(ada, at=later), want(vic, at=later)
    turns = []
    for _ in range(3):
        with django_assert_num_queries(2):
            turn = trial_in_turn(now=later)
        turns.append(turn)
        finish(claim(RuleTrial, job_id=turn, now=later), now=later)

    assert turns == [vics.pk, adas.pk, mels.pk]
    assert trial_in_turn(now=later) is None
    assert has_hers.pk not in turns


def test_a_message_for_one_run_does_the_one_whose_turn_it_is(acme, ada, mel, scanner):
    long_ago = NOW - timedelta(days=300)
    had_hers = claim(RuleTrial, job_id=want(ada, at=long_ago).pk, now=long_ago)
    finish(had_hers, now=long_ago)
    adas, mels = want(ada, at=long_ago), want(mel, at=long_ago)

    run_rule_trial.run(organization_id=acme.id, trial_id=adas.pk)

    assert RuleTrial.objects.get(id=mels.pk).status == JobStatus.DONE


def test_a_run_over_which_workers_die_is_given_up(ada, scanner):
    trial = RuleTrialFactory(person=ada, text=RULE, attempts=2, next_attempt_at=NOW)

    assert "broke off twice" in run(trial).problem
    assert scanner.read_text() == ""
