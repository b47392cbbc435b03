"""What a connection may still call, by what its code host's answers said."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.call_budgets import note_limits, require_room
from integrations.codehosts import CodeHostBusyError


def in_seconds(seconds):
    return timezone.now() + timedelta(seconds=seconds)


def test_nothing_known_leaves_room():
    require_room(1, reserve=200)


def test_a_reserve_is_left_alone_by_those_who_keep_it():
    note_limits(1, remaining=200, reset_at=in_seconds(600))

    with pytest.raises(CodeHostBusyError) as refusal:
        require_room(1, reserve=200)

    assert 590 < refusal.value.retry_after_seconds <= 600
    require_room(1, reserve=0)


def test_an_empty_budget_stops_everybody():
    note_limits(1, remaining=0, reset_at=in_seconds(600))

    with pytest.raises(CodeHostBusyError):
        require_room(1, reserve=0)


def test_a_pause_that_the_host_asks_for_stops_everybody():
    note_limits(1, remaining=4000, reset_at=in_seconds(600), retry_after_seconds=60)

    with pytest.raises(CodeHostBusyError) as refusal:
        require_room(1, reserve=0)

    assert 50 < refusal.value.retry_after_seconds <= 60


def test_another_connection_has_a_budget_of_its_own():
    note_limits(1, remaining=0, reset_at=in_seconds(600))

    require_room(2, reserve=200)


def test_a_pause_of_a_day_is_an_hour():
    note_limits(1, retry_after_seconds=86_400)

    with pytest.raises(CodeHostBusyError) as refusal:
        require_room(1, reserve=0)

    assert 3590 < refusal.value.retry_after_seconds <= 3600


def test_a_cache_that_is_away_stops_nobody(settings):
    settings.CACHES = {"default": {"BACKEND": "nowhere.Nothing"}}

    note_limits(1, remaining=0, reset_at=in_seconds(600))

    require_room(1, reserve=200)
