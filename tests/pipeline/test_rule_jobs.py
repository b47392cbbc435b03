"""From the editor to its tasks, and what the sweep sends again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pipeline import sweeping, tasks
from rules.drafts import want_draft
from rules.models import RuleDraft, RuleTrial
from rules.trials import want_trial
from tests.pipeline.test_tasks import broker  # noqa: F401

pytestmark = pytest.mark.django_db


def test_what_is_wanted_in_the_editor_is_sent_and_swept(
    acme,
    ada,
    script_model,
    broker,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    script_model()
    now = timezone.now() - timedelta(hours=1)
    with django_capture_on_commit_callbacks(execute=True):
        want_trial(person=ada, text="rules: []", test_code="", now=now)
        want_draft(person=ada, language="python", prompt="eval", bad_code="", good_code="", now=now)

    assert broker.names("verify") == ["run_rule_trial"]
    assert broker.names("llm") == ["draft_rule"]
    left = sweeping.find_left_behind(now=timezone.now())
    assert left.trial_ids == [RuleTrial.objects.get().pk]
    assert left.draft_ids == [RuleDraft.objects.get().pk]
    tasks.run_rule_trial(organization_id=acme.id, trial_id=left.trial_ids[0])
    assert sweeping.find_left_behind(now=timezone.now()).trial_ids == []
