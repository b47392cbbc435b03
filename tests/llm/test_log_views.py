"""The page Settings, Model log."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from llm.models import AssistantSettings, ModelCall
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.llm.logged import CallFactory

LOG = "/orgs/acme/settings/model-log"
OLD = datetime(2026, 11, 1, 23, 59, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(ada):
    client = Client()
    client.force_login(ada)
    return client


def lines_of(response):
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def ids_on(response):
    return [call.id for call in response.context["page"].calls]


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_the_log_is_for_admins(acme, person, request):
    call = CallFactory()
    client = Client()
    client.force_login(request.getfixturevalue(person))

    for path in ("", "/export", f"/{call.id}"):
        assert client.get(LOG + path).status_code == 403
    for path in ("/delete", f"/{call.id}/delete"):
        assert client.post(LOG + path).status_code == 403
    assert ModelCall.objects.get().text_state == "kept"


def test_an_empty_log_says_what_will_stand_there(acme, browser):
    page = browser.get(LOG).content.decode()

    assert "No question was asked yet" in page
    assert "Export" not in page


def test_purposes_are_told_in_words_and_a_cost_that_is_not_known_is_no_zero(acme, browser):
    CallFactory(purpose="remedy-retry", cost_usd="0")
    CallFactory(purpose="connection_test", cost_usd="0.0125")

    page = browser.get(LOG).content.decode()

    assert "Second try at a fix" in page
    assert "Connection test" in page
    assert "$0.0125" in page
    assert "$0<" not in page


def test_the_newest_calls_come_first_a_page_at_a_time(acme, browser):
    made = [call.id for call in CallFactory.create_batch(53)]

    first = browser.get(LOG)
    second = browser.get(LOG, {"before": first.context["page"].next_before})

    assert ids_on(first) == made[:2:-1]
    assert ids_on(second) == made[2::-1]
    assert second.context["page"].next_before is None


def test_a_page_needs_few_questions_and_loads_no_text(acme, browser, django_assert_num_queries):
    CallFactory.create_batch(30)
    browser.get(LOG)

    with django_assert_num_queries(9) as asked:
        browser.get(LOG)

    assert not any('"llm_modelcall"."request"' in one["sql"] for one in asked.captured_queries)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"plain", "remedy", "old"}),
        ({"purpose": "remedy"}, {"remedy"}),
        ({"outcome": "refused"}, {"remedy"}),
        ({"outcome": "no such thing"}, {"plain", "remedy", "old"}),
        ({"model": "other"}, {"old"}),
        ({"finding": "77"}, {"plain"}),
        ({"finding": "x"}, {"plain", "remedy", "old"}),
        ({"finding": "9" * 30}, {"plain", "remedy", "old"}),
        ({"since": "2026-11-02"}, {"plain", "remedy"}),
        ({"until": "2026-11-01"}, {"old"}),
        ({"since": "9999-99-99", "until": "9999-12-31"}, {"plain", "remedy", "old"}),
        ({"before": "-1"}, {"plain", "remedy", "old"}),
    ],
)
def test_the_address_says_which_calls_are_shown(acme, browser, query, found):
    made = {
        "plain": CallFactory(subject_id=77),
        "remedy": CallFactory(purpose="remedy", outcome="refused"),
        "old": CallFactory(model="other", created_at=OLD),
    }

    assert set(ids_on(browser.get(LOG, query))) == {made[name].id for name in found}


def test_one_call_shows_exactly_what_was_sent_escaped(acme, browser):
    call = CallFactory(subject_id=77)

    page = browser.get(f"{LOG}/{call.id}").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "needs_review" in page
    assert "/orgs/acme/findings/77" in page
    assert "182 days left" in page


def test_the_days_left_are_those_of_todays_retention(acme, browser):
    CallFactory(created_at=timezone.now() - timedelta(days=5, minutes=-1))
    AssistantSettings.objects.create(retention_days=6)

    assert "2 days left" in browser.get(LOG).content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("never_kept", "Only figures were kept"),
        ("purged", "were removed when their time was over"),
        ("deleted", "An admin deleted"),
    ],
)
def test_a_call_without_its_text_says_why(acme, browser, state, words):
    call = CallFactory(request="", response="", text_state=state)

    page = browser.get(f"{LOG}/{call.id}").content.decode()

    assert words in page
    assert "Delete text" not in page


def test_a_request_that_is_no_json_is_shown_as_it_is(acme, browser):
    call = CallFactory(request="not json <b>")

    assert "not json &lt;b&gt;" in browser.get(f"{LOG}/{call.id}").content.decode()


def test_another_organizations_call_does_not_exist(acme, rival, browser):
    with organization_scope(rival.id):
        call = CallFactory()

    assert browser.get(f"{LOG}/{call.id}").status_code == 404
    assert browser.post(f"{LOG}/{call.id}/delete").status_code == 404


def test_the_export_keeps_the_filter_and_is_written_down(acme, rival, ada, browser):
    wanted = CallFactory(purpose="remedy", subject_id=77)
    CallFactory()
    with organization_scope(rival.id):
        CallFactory(purpose="remedy")

    response = browser.get(f"{LOG}/export", {"purpose": "remedy"})

    assert response.headers["Content-Type"].startswith("application/jsonl")
    assert "attachment; filename=" in response.headers["Content-Disposition"]
    (line,) = lines_of(response)
    assert (line["id"], line["finding_id"], line["cost_usd"]) == (wanted.id, 77, "0.004200")
    assert line["request"][0]["role"] == "system"
    event = AuditEvent.objects.get(action="model_log.exported")
    assert (event.actor, event.after) == (ada, {"purpose": "remedy"})


def test_a_long_export_is_read_in_batches(acme, browser, monkeypatch):
    monkeypatch.setattr("llm.selectors.EXPORT_BATCH", 2)
    made = [call.id for call in CallFactory.create_batch(5)]

    assert [line["id"] for line in lines_of(browser.get(f"{LOG}/export"))] == made[::-1]


def test_the_text_of_one_call_is_deleted_and_its_figures_stay(acme, browser):
    call, other = CallFactory.create_batch(2)

    response = browser.post(f"{LOG}/{call.id}/delete")

    assert response.headers["Location"] == f"{LOG}/{call.id}"
    call.refresh_from_db()
    assert (call.request, call.response, call.text_state) == ("", "", "deleted")
    assert str(call.cost_usd) == "0.004200"
    other.refresh_from_db()
    assert other.text_state == "kept"
    browser.post(f"{LOG}/{call.id}/delete")
    assert AuditEvent.objects.filter(action="model_log.texts_deleted").count() == 1


def test_the_texts_of_a_filter_are_deleted_on_all_of_its_pages(acme, rival, browser):
    CallFactory.create_batch(52, purpose="remedy")
    kept = CallFactory()
    with organization_scope(rival.id):
        CallFactory(purpose="remedy")

    response = browser.post(f"{LOG}/delete", {"purpose": "remedy"})

    assert response.headers["Location"] == f"{LOG}?purpose=remedy"
    assert list(ModelCall.objects.exclude(request="")) == [kept]
    event = AuditEvent.objects.get(action="model_log.texts_deleted")
    assert (event.object_label, event.before) == ("52 calls", {"purpose": "remedy"})
    with organization_scope(rival.id):
        assert ModelCall.objects.get().text_state == "kept"


@pytest.mark.parametrize("field", ["purpose", "model", "outcome", "finding", "since"])
def test_a_filter_that_makes_no_sense_breaks_nothing(acme, browser, field):
    CallFactory(purpose="remedy")

    assert browser.get(LOG, {field: "a\0b"}).status_code == 200
    assert len(lines_of(browser.get(f"{LOG}/export", {field: "a\0b"}))) in {0, 1}
    assert AuditEvent.objects.filter(action="model_log.exported").count() == 1


@pytest.mark.parametrize("field", ["outcome", "finding", "since", "until"])
def test_a_filter_that_makes_no_sense_deletes_nothing(acme, browser, field):
    CallFactory()

    response = browser.post(f"{LOG}/delete", {field: "yesterday"})

    assert response.status_code == 400
    assert ModelCall.objects.get().text_state == "kept"
    assert not AuditEvent.objects.filter(action="model_log.texts_deleted").exists()
