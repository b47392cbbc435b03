"""Proofs of several findings in one go: one that breaks costs no other."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.models import ConnectionKind
from integrations.registry import CODE_HOSTS
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.queue import claim, claim_together
from pipeline.stages import FIRST_DELAY_SECONDS, MAX_ATTEMPTS, run_proofs
from remediation.models import FixAttempt, FixStatus
from tests.factories import FixAttemptFactory, InstanceFactory

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(seconds=FIRST_DELAY_SECONDS)


@pytest.fixture
def proposed(finding):
    """Return a function that proposes a fix, of the finding at hand or of a further one."""

    def propose(one=None, **fields):
        one = one or InstanceFactory(finding__project=finding.project).finding
        fix = FixAttemptFactory(finding=one, status=FixStatus.PROPOSED, reason="", **fields)
        StageRun.objects.create(finding=one, stage=Stage.PROVE, next_attempt_at=NOW)
        return fix

    return propose


def together():
    first = StageRun.objects.filter(stage=Stage.PROVE).order_by("id").first()
    return claim_together(stage_run_id=first.id, limit=9, now=NOW)


def statuses(stage=Stage.PROVE):
    return list(
        StageRun.objects.filter(stage=stage).order_by("id").values_list("status", flat=True)
    )


def test_rows_that_were_tried_together_end_together(finding, proposed, scan):
    fixes = [proposed(finding, commit=scan.commit), proposed(path="app/gone.py")]

    assert run_proofs(runs=together(), now=NOW) is None

    assert statuses() == [StageStatus.DONE, StageStatus.DONE]
    for fix in fixes:
        fix.refresh_from_db()
    assert [(fix.status, fix.reason) for fix in fixes] == [(FixStatus.REFUSED, "check_failed")] * 2
    assert statuses(Stage.RETRY) == []


def test_a_row_that_breaks_the_proof_is_given_up_alone(finding, proposed):
    good, broken = proposed(finding), proposed(edits=[{}])

    assert run_proofs(runs=together(), now=NOW) == FIRST_DELAY_SECONDS

    assert statuses() == [StageStatus.WAITING, StageStatus.WAITING]
    assert FixAttempt.objects.filter(status=FixStatus.PROPOSED).count() == 2
    runs = {run.finding_id: run for run in StageRun.objects.filter(stage=Stage.PROVE)}
    alone = claim(stage_run_id=runs[good.finding_id].id, now=LATER)
    assert run_proofs(runs=[alone], now=LATER) is None
    StageRun.objects.filter(finding=broken.finding).update(attempts=MAX_ATTEMPTS - 1)
    last = claim(stage_run_id=runs[broken.finding_id].id, now=LATER)
    assert run_proofs(runs=[last], now=LATER) is None
    assert statuses() == [StageStatus.DONE, StageStatus.FAILED]
    broken.refresh_from_db()
    assert (broken.status, broken.reason) == (FixStatus.REFUSED, "check_failed")


def test_a_busy_code_host_is_asked_again_when_it_said(finding, proposed, scan, monkeypatch):
    class BusyCodeHost:
        def read_file(self, *, path, commit):
            raise CodeHostBusyError("Too many requests.", retry_after_seconds=90)

    monkeypatch.setitem(CODE_HOSTS, ConnectionKind.LOCAL_GIT, lambda link: BusyCodeHost())
    proposed(finding, commit=scan.commit)
    proposed(commit=scan.commit)

    assert run_proofs(runs=together(), now=NOW) == 90

    waiting = StageRun.objects.filter(
        stage=Stage.PROVE, next_attempt_at=NOW + timedelta(seconds=90)
    )
    assert waiting.count() == 2
    assert FixAttempt.objects.filter(status=FixStatus.PROPOSED).count() == 2
