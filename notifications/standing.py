"""How a finding stands in a change request, where a diff scan closes nothing; pure."""

from collections.abc import Mapping

from findings.lifecycle import is_live
from findings.models import Instance, Scan, State, Status, TriageState

_OF_TRIAGE = {
    TriageState.REVIEWING: Status.REVIEWING,
    TriageState.FIXING: Status.FIXING,
    TriageState.PROVISIONALLY_IGNORED: Status.PROVISIONALLY_IGNORED,
}


def standing(instance: Instance, *, decider: Scan | None) -> Status:
    """Return a finding's status in a change request of which `decider` is the newest good scan."""
    state = _state_after(instance, decider) if decider else State(instance.state)
    return status_of(state, TriageState(instance.finding.triage_state))


def status_of(state: State, triage_state: TriageState) -> Status:
    """Return what the database derives from the two; see STATUS_EXPRESSION."""
    if state in {State.REMOVED, State.FIXED}:
        return Status.REMOVED if state == State.REMOVED else Status.FIXED
    is_muted = state == State.MUTED and triage_state != TriageState.REOPENED
    if triage_state == TriageState.IGNORED or is_muted:
        return Status.IGNORED
    return _OF_TRIAGE.get(triage_state, Status.OPEN)


def _state_after(instance: Instance, decider: Scan) -> State:
    """Return the state once a row that the scan did not report again counts as gone."""
    state = State(instance.state)
    last = instance.last_scan
    is_seen = last is not None and _age(last) >= _age(decider)
    is_skipped = instance.file.path in decider.skipped_paths
    if not is_live(state) or is_seen or is_skipped:
        return state
    served: Mapping[str, str] = decider.served_modes
    return State.FIXED if not served or instance.rule.check_id in served else State.REMOVED


def _age(scan: Scan) -> tuple[object, int]:
    return scan.started_at, scan.pk
