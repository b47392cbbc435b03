"""How long the texts of the log are kept."""

import json
from datetime import timedelta

import pytest

from llm import retention
from llm.models import AssistantSettings, LogMode, ModelCall, TextState
from llm.retention import purge_expired
from tenants.scope import organization_scope
from tests.llm.logged import CallFactory
from tests.llm.questions import GOOD, NOW, ask_it


def kept():
    return set(ModelCall.objects.filter(text_state="kept").values_list("id", flat=True))


def test_texts_go_when_their_time_is_over_and_figures_stay(acme):
    over = CallFactory(created_at=NOW - timedelta(days=182), error="at x: wrong")
    young = CallFactory(created_at=NOW - timedelta(days=181))

    assert purge_expired(NOW) == 1

    over.refresh_from_db()
    assert (over.request, over.response, over.error) == ("", "", "")
    assert over.text_state == TextState.PURGED
    assert (over.input_tokens, str(over.cost_usd)) == (1200, "0.004200")
    assert kept() == {young.id}
    assert purge_expired(NOW) == 0


def test_a_shorter_retention_holds_for_older_calls_too(acme):
    CallFactory(created_at=NOW - timedelta(days=31))
    young = CallFactory(created_at=NOW - timedelta(days=29))
    AssistantSettings.objects.create(retention_days=30)

    assert purge_expired(NOW) == 1
    assert kept() == {young.id}


def test_a_longer_retention_keeps_no_text_beyond_what_was_promised(acme):
    CallFactory(created_at=NOW - timedelta(days=31), expires_at=NOW - timedelta(days=1))
    AssistantSettings.objects.create(retention_days=182)

    assert purge_expired(NOW) == 1


def test_another_organizations_texts_stay(acme, rival):
    with organization_scope(rival.id):
        call = CallFactory(created_at=NOW - timedelta(days=400))

    assert purge_expired(NOW) == 0

    with organization_scope(rival.id):
        assert kept() == {call.id}


def test_many_texts_go_in_batches(acme, settings, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    CallFactory.create_batch(5, created_at=NOW - timedelta(days=200))

    with django_assert_num_queries(1 + 4 + 3):  # settings, looks, updates
        assert purge_expired(NOW) == 5


def test_calls_expire_after_the_organizations_own_time(acme, script_model):
    script_model(GOOD)
    AssistantSettings.objects.create(retention_days=7)

    assert ask_it().call.expires_at == NOW + timedelta(days=7)


def test_with_figures_only_no_text_is_ever_stored(acme, script_model):
    AssistantSettings.objects.create(log_mode=LogMode.METADATA)
    provider = script_model('{"conclusion": "my-secret-code"}', GOOD)

    ask_it()

    assert len(provider.requests) == 2
    stored = json.dumps(list(ModelCall.objects.values()), default=str)
    assert "my-secret-code" not in stored
    assert "Is this safe?" not in stored
    assert set(ModelCall.objects.values_list("text_state", "request", "response", "error")) == {
        ("never_kept", "", "", "")
    }


@pytest.mark.parametrize("days", [0, 183])
def test_the_database_holds_the_longest_retention(acme, days):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="retention_is_bounded"), transaction.atomic():
        AssistantSettings.objects.create(retention_days=days)
