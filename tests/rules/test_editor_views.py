"""The pages of the rule editor."""

import json
from decimal import Decimal
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains

from rules.annotations import Expectation, Kind
from rules.draft_rounds import Round
from rules.models import PolicyRule, Rule, RuleDraft, RuleTrial
from rules.trial_results import Match, TrialResult
from rules.trial_shown import show_result
from tests.factories import (
    PolicyFactory,
    RuleDraftFactory,
    RuleFactory,
    RuleTrialFactory,
)

TEXT = """rules:
  - id: acme.no-eval
    languages: [python]
    severity: HIGH
    message: eval runs what it gets.
    pattern: eval(...)
"""
TEST = "# ruleid: acme.no-eval\neval(x)\n# ok: acme.no-eval\nint(x)\n"
RED = TrialResult(
    matches=(Match(line=4, column=1, end_line=4, end_column=7, message="eval runs."),),
    expectations=(
        Expectation(line=2, kind=Kind.RULEID, is_met=False),
        Expectation(line=4, kind=Kind.OK, is_met=False),
    ),
    duration_ms=840,
)
HTMX = {"HX-Request": "true"}


def address(name, *rest):
    return reverse(f"rules:{name}", args=["acme", *rest])


def body_of(client, name="editor", *rest, **query):
    response = client.get(address(name, *rest), query)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def rule(acme):
    return RuleFactory(path="acme.no-eval", text=TEXT, test_code=TEST)


def test_a_new_rule_begins_with_a_starter_and_offers_the_others(as_ada):
    body = body_of(as_ada)

    for part in ("New rule", "?starter=taint", "ruleid:", "data-run", "Save as private rule"):
        assert part in body
    assert "mode: taint" in body_of(as_ada, starter="taint")
    assert as_ada.get(address("editor"), {"starter": "../etc"}).status_code == HTTPStatus.NOT_FOUND


def test_a_saved_rule_opens_with_its_texts_in_a_constant_number_of_queries(as_ada, rule):
    def count():
        with CaptureQueriesContext(connection) as queries:
            body = body_of(as_ada, rule=rule.id)
        return body, len(queries)

    _body, few = count()
    for _ in range(5):
        PolicyRule.objects.create(policy=PolicyFactory(), rule=rule, mode="block")
    body, many = count()

    assert many == few
    assert "eval runs what it gets." in body
    assert f'name="version" value="{rule.version}"' in " ".join(body.split())
    assert "data-unsaved" not in body


def test_a_deleted_rule_and_one_of_nobody_are_not_found(as_ada, rule):
    Rule.objects.filter(id=rule.id).update(deleted_at=timezone.now())

    for query in ({"rule": rule.id}, {"rule": "x"}, {"trial": 9}, {"draft": "-1"}):
        assert as_ada.get(address("editor"), query).status_code == HTTPStatus.NOT_FOUND


def test_members_read_and_neither_run_nor_save(client, mel, rule):
    client.force_login(mel)

    body = body_of(client, rule=rule.id)

    assert "Read-only" in body
    assert "eval runs what it gets." in body
    for part in ("data-run ", "data-save ", "policy-chosen", "starter=taint"):
        assert part not in body
    for name in ("trials", "save", "check", "add-to-policy", "drafts"):
        assert client.post(address(name), {"text": TEXT}).status_code == HTTPStatus.FORBIDDEN


def test_what_is_typed_is_checked_with_its_line(as_ada):
    def check(text):
        return as_ada.post(address("check"), {"text": text}).json()

    assert check(TEXT) == {"problem": "", "line": None}
    assert check(TEXT.replace("message", "  message"))["line"] == 5
    refused = check(TEXT.replace("pattern:", "join:"))
    assert refused["line"] == 6
    assert refused["problem"].startswith("join: rules here do not have this key")
    assert check("[" * 30_001)["problem"] == ""


def test_a_run_is_asked_for_and_its_address_keeps_what_was_run(as_ada, ada, rule):
    sent = {
        "text": TEXT.replace("\n", "\r\n"),
        "test_code": "eval(x)\r\n",
        "rule": rule.id,
        "version": 1,
    }

    plain = as_ada.post(address("trials"), sent)
    panel = as_ada.post(address("trials"), sent, headers=HTMX)

    first, second = RuleTrial.objects.order_by("id")
    assert (first.text, first.test_code, first.person) == (TEXT, "eval(x)\n", ada)
    here = f"{address('editor')}?trial={{}}&rule={rule.id}&version=1"
    assert plain["Location"] == here.format(first.id) + "#trial"
    assert panel["HX-Replace-Url"] == here.format(second.id)
    assert f'hx-get="{address("trial", second.id)}"' in panel.content.decode()
    reloaded = as_ada.get(plain["Location"]).content.decode()
    assert "data-unsaved" in reloaded
    assert "eval(x)" in reloaded


def test_a_run_that_ended_shows_each_expectation(as_ada):
    trial = RuleTrialFactory(text=TEXT, test_code=TEST, status="done", result=RED.as_mapping())

    body = " ".join(body_of(as_ada, "trial", trial.id).split())

    assert "hx-get" not in body
    for part in (
        "The test fails: 2 of 2 lines came out otherwise.",
        "Not matched",
        "Matched",
        "0.8 s",
        "1 match, with what the rule says",
        "eval runs.",
        'data-go-to="2"',
    ):
        assert part in body


def test_a_problem_and_a_limit_are_named(as_ada):
    result = TrialResult(
        problem="It took <b>too</b> long.", problem_line=3, tripped_limit="time", duration_ms=5000
    )
    trial = RuleTrialFactory(status="done", result=result.as_mapping())

    body = " ".join(body_of(as_ada, "trial", trial.id).split())

    assert "Time limit reached" in body
    assert "<strong>Line 3:</strong> It took &lt;b&gt;too&lt;/b&gt; long." in body


GREEN = TrialResult(
    is_green=True, expectations=(Expectation(line=2, kind=Kind.RULEID, is_met=True),)
)


@pytest.mark.parametrize(
    ("result", "headline", "tone"),
    [
        (GREEN, "The test passes: 1 line as expected.", "good"),
        (TrialResult(), "Nothing is proven yet: no “ruleid:” comment names a line", "doubt"),
        (TrialResult(problem="Broken."), "The run found a problem.", "bad"),
    ],
)
def test_the_headline_claims_no_more_than_was_proven(result, headline, tone):
    shown = show_result(result, TEST)

    assert shown.headline.startswith(headline)
    assert shown.tone == tone


def test_the_panes_get_columns_as_browsers_count_them():
    match = Match(line=1, column=12, end_line=1, end_column=16, message="m")

    panes = json.loads(show_result(TrialResult(matches=(match,)), "é = '🐍'; eval(x)").for_panes)

    # 'é' is 2 bytes and 1 unit of UTF-16, the snake 4 bytes and 2 units.
    assert panes["matches"][0]["column"] == 9
    assert panes["matches"][0]["end_column"] == 13


def test_a_rule_is_saved_and_added_to_a_policy(as_ada, scanner):
    policy = PolicyFactory(name="Strict")

    saved = as_ada.post(address("save"), {"text": TEXT, "test_code": TEST}, headers=HTMX)

    rule = Rule.objects.get()
    assert (rule.path, rule.text, rule.test_code, rule.version) == ("acme.no-eval", TEXT, TEST, 1)
    assert saved["HX-Replace-Url"] == f"{address('editor')}?rule={rule.id}"
    assert "The rule is in no policy" in saved.content.decode()
    added = as_ada.post(
        address("add-to-policy"),
        {"rule": rule.id, "policy": policy.id, "mode": "comment"},
        headers=HTMX,
    )
    assert "Strict: <strong>Comment</strong>" in added.content.decode()
    assert PolicyRule.objects.get().mode == "comment"
    for wrong in ({"policy": policy.id, "mode": "shout"}, {"policy": 0, "mode": "comment"}):
        refused = as_ada.post(address("add-to-policy"), {"rule": rule.id, **wrong})
        assert refused.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
    assert PolicyRule.objects.get().mode == "comment"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_blocking_is_previewed_before_it_is_saved(as_ada, headers):
    rule, policy = RuleFactory(), PolicyFactory(name="Strict")
    chosen = {"rule": rule.id, "policy": policy.id, "mode": "block", "back": f"editor-{rule.id}"}

    asked = as_ada.post(address("add-to-policy"), chosen, headers=headers)

    there = reverse("console:policy-modes", args=["acme", policy.id])
    if headers:
        assert f'action="{there}"' in asked.content.decode()
        assertContains(asked, '<option value="block" selected>Block</option>', html=True)
    else:
        assert (asked.status_code, asked["Location"]) == (HTTPStatus.TEMPORARY_REDIRECT, there)
    preview = as_ada.post(there, chosen)
    assert "Preview: not saved yet" in preview.content.decode()
    assert not PolicyRule.objects.exists()
    saved = as_ada.post(there, {**chosen, "confirmed": "1"})
    assert saved["Location"] == f"{address('editor')}?rule={rule.id}"
    assert PolicyRule.objects.get().mode == "block"


def test_a_refused_rule_stays_in_the_panes(as_ada, scanner):
    sent = {"text": TEXT.replace("pattern:", "join:"), "test_code": "MY WORK"}

    plain = as_ada.post(address("save"), sent)
    fragment = as_ada.post(address("save"), sent, headers=HTMX)

    assert {plain.status_code, fragment.status_code} == {HTTPStatus.UNPROCESSABLE_ENTITY}
    for response in (plain, fragment):
        assert "join: rules here do not have this key" in response.content.decode()
    assert "MY WORK" in plain.content.decode()
    assert fragment["HX-Retarget"] == "#save-problem"
    assert not Rule.objects.exists()


def test_a_newer_version_is_never_overwritten_without_asking(as_ada, scanner, rule):
    Rule.objects.filter(id=rule.id).update(version=4, content_hash="0" * 64)
    mine = {"text": TEXT.replace("HIGH", "LOW"), "test_code": "MINE", "rule": rule.id}

    stale = as_ada.post(address("save"), {**mine, "version": 3})
    unknown = as_ada.post(address("save"), mine)

    for response in (stale, unknown):
        assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Save mine as version 5" in response.content.decode()
        assert "MINE" in response.content.decode()
    rule.refresh_from_db()
    assert (rule.version, rule.text) == (4, TEXT)
    as_ada.post(address("save"), {**mine, "version": 3, "over": 4})
    rule.refresh_from_db()
    assert (rule.version, rule.test_code) == (5, "MINE")


def a_round(result=RED, **changes):
    values = {"text": TEXT, "test_code": TEST, "problem": "", "cost_usd": Decimal("0.0042")}
    return Round(**{**values, **changes}, result=result).as_mapping()


def test_without_a_model_the_starters_are_offered(as_ada):
    body = body_of(as_ada, "drafts")

    assert "This needs a language model" in body
    assert "?starter=taint" in body
    assert "draft-prompt" not in body


def test_a_rule_is_asked_for_and_what_is_missing_is_said(as_ada, script_model):
    script_model()

    refused = as_ada.post(address("drafts"), {"language": "cobol", "prompt": "Find <eval>."})
    taken = as_ada.post(
        address("drafts"), {"language": "go", "prompt": "Find eval.", "bad_code": "eval()\r\n"}
    )

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "language: &#x27;cobol&#x27;" in refused.content.decode()
    assert "Find &lt;eval&gt;." in refused.content.decode()
    draft = RuleDraft.objects.get()
    assert (draft.language, draft.prompt, draft.bad_code) == ("go", "Find eval.", "eval()\n")
    assert taken["Location"] == address("draft", draft.id)
    assert "Being written" in body_of(as_ada, "drafts")


def test_the_rounds_are_shown_while_they_come_and_lead_to_the_editor(as_ada):
    draft = RuleDraftFactory(
        status="running", rounds=[a_round(TrialResult(), problem="It is not YAML.")]
    )

    running = as_ada.get(address("draft", draft.id), headers=HTMX)
    again = as_ada.get(address("draft", draft.id), {"seen": "running-1"}, headers=HTMX)
    RuleDraft.objects.update(status="done", rounds=[*draft.rounds, a_round()], best_round=2)
    ended = as_ada.get(address("draft", draft.id), headers=HTMX)

    assert "?seen=running-1" in running.content.decode()
    assert (again.status_code, again.content) == (HTTPStatus.NO_CONTENT, b"")
    assert "HX-Redirect" not in again
    assert "It is not YAML." in running.content.decode()
    assert "Round 2" in running.content.decode()
    assert ended["HX-Redirect"] == f"{address('editor')}?draft={draft.id}"
    page = body_of(as_ada, "draft", draft.id)
    assert "Best attempt" in page
    assert "$0.0084" in page


def test_a_rule_that_never_passed_opens_red_with_why(as_ada):
    draft = RuleDraftFactory(status="done", rounds=[a_round()] * 4, best_round=4)

    body = " ".join(body_of(as_ada, draft=draft.id).split())

    for part in (
        "The test never passed in 4 rounds.",
        "best attempt, round 4: 2 lines of the test came out otherwise than expected.",
        "4 rounds used, $0.0168. Not saved yet.",
        "The test fails: 2 of 2 lines",
        "data-unsaved",
    ):
        assert part in body


def test_a_rule_that_passed_opens_green_and_asks_to_be_read(as_ada):
    draft = RuleDraftFactory(
        status="done", rounds=[a_round(), a_round(GREEN)], best_round=2, is_green=True
    )

    body = " ".join(body_of(as_ada, draft=draft.id).split())

    assert "The test passed in round 2." in body
    assert "The test passes: 1 line as expected." in body
