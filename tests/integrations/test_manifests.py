"""The state that GitHub hands back: signed, bound, good for ten minutes and once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing

from integrations.manifests import (
    AppWanted,
    InstallationWanted,
    StaleFlowError,
    Traveler,
    keep_for_another_try,
    recall_app,
    recall_installation,
    remember_app,
    remember_installation,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADA = Traveler(organization_id=1, user_id=2)
WANTED = AppWanted(
    base_url="https://github.example", ca_bundle="pem", owner="acme", webhook_key="f" * 64
)


def test_what_was_wanted_comes_back_with_the_state():
    state = remember_app(wanted=WANTED, traveler=ADA, now=NOW)

    found = recall_app(state=state, traveler=ADA, now=NOW + timedelta(minutes=9))

    assert found == WANTED


def test_a_state_is_good_once():
    state = remember_app(wanted=WANTED, traveler=ADA, now=NOW)
    recall_app(state=state, traveler=ADA, now=NOW)

    with pytest.raises(StaleFlowError):
        recall_app(state=state, traveler=ADA, now=NOW)


def test_a_state_ends_after_ten_minutes():
    state = remember_app(wanted=WANTED, traveler=ADA, now=NOW)

    with pytest.raises(StaleFlowError):
        recall_app(state=state, traveler=ADA, now=NOW + timedelta(minutes=10, seconds=1))


@pytest.mark.parametrize(
    "other", [Traveler(organization_id=9, user_id=2), Traveler(organization_id=1, user_id=9)]
)
def test_a_state_is_of_no_use_to_another_person_or_organization(other):
    state = remember_app(wanted=WANTED, traveler=ADA, now=NOW)

    with pytest.raises(StaleFlowError):
        recall_app(state=state, traveler=other, now=NOW)

    assert recall_app(state=state, traveler=ADA, now=NOW) == WANTED


def test_a_state_of_one_step_is_none_of_the_other():
    installing = remember_installation(wanted=InstallationWanted(app_id=5), traveler=ADA, now=NOW)

    with pytest.raises(StaleFlowError):
        recall_app(state=installing, traveler=ADA, now=NOW)

    assert recall_installation(state=installing, traveler=ADA, now=NOW).app_id == 5


@pytest.mark.parametrize(
    "text",
    ["", "x", "a:b:c", "\0", "9" * 5000, signing.dumps({"step": "app"})],
    # The signed one differs from second to second, and all workers must know a test by one name.
    ids=["blank", "short", "parts", "nul", "long", "signed by others"],
)
def test_a_state_that_we_did_not_sign_leads_nowhere(text):
    with pytest.raises(StaleFlowError):
        recall_app(state=text, traveler=ADA, now=NOW)


def test_a_changed_state_leads_nowhere():
    state = remember_app(wanted=WANTED, traveler=ADA, now=NOW)

    with pytest.raises(StaleFlowError):
        recall_app(state=state[:-1] + ("a" if state[-1] != "a" else "b"), traveler=ADA, now=NOW)


def test_the_state_tells_nothing_of_what_is_wanted():
    state = remember_app(wanted=WANTED, traveler=ADA, now=NOW)

    assert "f" * 64 not in str(signing.loads(state, salt="integrations.manifests"))


def test_a_call_that_did_not_get_through_may_be_tried_again():
    state = remember_app(wanted=WANTED, traveler=ADA, now=NOW)
    wanted = recall_app(state=state, traveler=ADA, now=NOW)

    keep_for_another_try(state=state, wanted=wanted, now=NOW)

    assert recall_app(state=state, traveler=ADA, now=NOW) == WANTED
    with pytest.raises(StaleFlowError):
        recall_app(state=state, traveler=ADA, now=NOW)
