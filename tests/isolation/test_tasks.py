"""Every task, run for Rival with ids of Acme: it fails or does nothing, and Acme's rows stay."""

import contextlib

import pytest
from django.core.exceptions import ObjectDoesNotExist

from assistant_platform.celery import app
from core.errors import NotFoundError

# The ids that each task takes beside its organization's, by attribute of the fixture `acmes`.
TASKS = {
    "pipeline.tasks.ingest_upload": {"upload_id": "upload_id"},
    "pipeline.tasks.plan_scan": {"scan_id": "scan_id"},
    "pipeline.tasks.judge_finding": {"stage_run_id": "stage_run_id"},
    "pipeline.tasks.plan_request": {"request_id": "request_id"},
    "pipeline.tasks.write_remedy": {"stage_run_id": "stage_run_id"},
    "pipeline.tasks.prove_fixes": {"stage_run_id": "stage_run_id"},
    "pipeline.tasks.preview_memory": {"preview_id": "preview_id"},
    "pipeline.tasks.evaluate_judge": {"evaluation_id": "evaluation_id"},
    "pipeline.tasks.process_webhooks": {},
    "pipeline.tasks.tell_change_request": {"review_id": "review_id"},
    "pipeline.tasks.open_fix_request": {"fix_request_id": "fix_request_id"},
    "pipeline.tasks.import_rules": {"import_id": "rule_import_id"},
    "pipeline.tasks.tell_scan": {"scan_id": "scan_id"},
    "pipeline.tasks.send_message": {"delivery_id": "delivery_id"},
    "pipeline.tasks.check_connection": {"connection_id": "connection_id"},
    "pipeline.tasks.choose_week_tasks": {"choice_id": "choice_id"},
    "pipeline.tasks.run_rule_trial": {"trial_id": "trial_id"},
    "pipeline.tasks.draft_rule": {"draft_id": "draft_id"},
    "pipeline.tasks.sweep_organization": {},
    "pipeline.tasks.plan_monday_mails_of": {},
    "pipeline.tasks.forget_expired_of": {},
}
# These take no organization: they call one of the tasks above for each.
FOR_ALL_ORGANIZATIONS = {
    "pipeline.tasks.sweep",
    "pipeline.tasks.plan_monday_mails",
    "pipeline.tasks.forget_expired",
}


def test_every_task_has_an_entry_and_every_entry_a_task():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}

    assert ours == set(TASKS) | FOR_ALL_ORGANIZATIONS


@pytest.mark.django_db
@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", TASKS)
def test_a_task_of_rival_cannot_reach_acmes_rows(name, acmes, rival):
    app.loader.import_default_modules()
    ids = {word: getattr(acmes, row) for word, row in TASKS[name].items()}

    with contextlib.suppress(ObjectDoesNotExist, NotFoundError):
        app.tasks[name].run(organization_id=rival.id, **ids)
