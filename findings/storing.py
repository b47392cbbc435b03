"""The statements that turn the temporary table `incoming` into findings, instances and their log.

Each writes all its rows at once; none is sent once a finding.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from findings.models import Ref, Scan, ScanKind, State
from tenants.audit import Actor
from tenants.models import Door

SCANNER = Actor(door=Door.SCANNER, label="Scanner")

_NEW_FINDING_IDS = """
    SELECT nextval(pg_get_serial_sequence('findings_finding', 'id'))
    FROM generate_series(1, %s)
"""
_ADD_FINDINGS = """
    INSERT INTO findings_finding (id, organization_id, project_id, rule_id, file_id, product,
        severity, confidence, message, match_based_id, syntactic_id, code_hash, pattern_hash,
        state, ref_id, start_line, start_column, end_line, end_column, relevant_since,
        state_updated_at, first_scan_id, created_at, triage_state, triage_reason, triage_note,
        verdict, is_on_primary, is_found_early)
    SELECT finding_id, %(organization)s, %(project)s, rule_id, file_id, product, severity,
        confidence, message, match_based_id, syntactic_id, code_hash, pattern_hash, state, %(ref)s,
        start_line, start_column, end_line, end_column, %(now)s, %(now)s, %(scan)s, %(now)s,
        'untriaged', '', '', '', %(is_on_primary)s, %(is_diff)s
    FROM incoming WHERE is_new_finding
"""
_ADD_INSTANCES = """
    INSERT INTO findings_instance (organization_id, finding_id, ref_id, rule_id, file_id, state,
        match_based_id, syntactic_id, code_hash, pattern_hash, start_line, start_column, end_line,
        end_column, trace, first_scan_id, last_scan_id, relevant_since, created_at)
    SELECT %(organization)s, finding_id, %(ref)s, rule_id, file_id, state, match_based_id,
        syntactic_id, code_hash, pattern_hash, start_line, start_column, end_line, end_column,
        trace, %(scan)s, %(scan)s, %(now)s, %(now)s
    FROM incoming WHERE instance_id IS NULL
"""
_CHANGE_INSTANCES = """
    UPDATE findings_instance AS i SET rule_id = n.rule_id, file_id = n.file_id, state = n.state,
        match_based_id = n.match_based_id, syntactic_id = n.syntactic_id,
        code_hash = n.code_hash, pattern_hash = n.pattern_hash, start_line = n.start_line,
        start_column = n.start_column, end_line = n.end_line, end_column = n.end_column,
        trace = CASE WHEN n.keeps_trace THEN i.trace ELSE n.trace END,
        last_scan_id = %(scan)s,
        relevant_since = CASE WHEN n.came_back THEN %(now)s ELSE i.relevant_since END
    FROM incoming AS n
    WHERE i.id = n.instance_id AND i.organization_id = %(organization)s
"""
_CLOSE_INSTANCES = """
    UPDATE findings_instance AS i SET state = gone.state
    FROM unnest(%(ids)s::bigint[], %(states)s::text[]) AS gone (id, state)
    WHERE i.id = gone.id AND i.organization_id = %(organization)s
"""
# A finding shows its instance on the primary branch, else the newest one. What is known of the
# code's verdict goes with the code: where that has changed, the finding waits to be judged anew.
# An *ignored* stays through an edit in place. Where other code stands, or the scanner's id is
# another, or the match is far from where it was, it may be another match: a person looks again.
NEAR_LINES = 40
_SETTLE = """
    WITH shown AS MATERIALIZED (
        SELECT DISTINCT ON (i.finding_id) i.* FROM findings_instance i
        WHERE i.organization_id = %(organization)s AND i.finding_id = ANY(%(ids)s)
        ORDER BY i.finding_id, (i.ref_id = %(primary)s) DESC,
            (%(prefers_live)s AND i.state IN ('unresolved', 'muted')) DESC,
            i.last_scan_id DESC NULLS LAST, i.id DESC
    ), different AS MATERIALIZED (
        SELECT s.*, f.state AS old_state, r.severity, r.confidence, r.product,
            COALESCE(n.message, f.message) AS message,
            s.code_hash <> f.code_hash AND s.code_hash <> '' AND f.code_hash <> '' AS is_new_code,
            (s.code_hash <> f.code_hash OR s.code_hash = '')
                AND (abs(s.start_line::int - f.start_line::int) > %(near)s
                    OR s.code_hash <> '' AND f.code_hash <> ''
                        AND s.match_based_id <> f.match_based_id)
                AND f.triage_state IN ('ignored', 'provisionally_ignored') AS is_doubtful
        FROM shown s
        JOIN findings_finding f ON f.id = s.finding_id
        JOIN findings_reportedrule r ON r.id = s.rule_id
        LEFT JOIN incoming n ON n.finding_id = s.finding_id AND s.ref_id = %(ref)s
        WHERE f.organization_id = %(organization)s AND r.organization_id = %(organization)s
            AND (f.state, f.ref_id, f.rule_id, f.file_id, f.match_based_id, f.syntactic_id,
                f.code_hash, f.pattern_hash, f.start_line, f.start_column, f.end_line,
                f.end_column, f.message)
            IS DISTINCT FROM (s.state, s.ref_id, s.rule_id, s.file_id, s.match_based_id,
                s.syntactic_id, s.code_hash, s.pattern_hash, s.start_line, s.start_column,
                s.end_line, s.end_column, COALESCE(n.message, f.message))
    ), told AS (
        INSERT INTO findings_activity (organization_id, finding_id, kind, at, actor_label, door,
            title, triage_reason, note)
        SELECT %(organization)s, finding_id, 'STATUS', %(now)s, %(actor)s, %(door)s,
            CASE state WHEN 'fixed' THEN 'Fixed' WHEN 'removed' THEN 'Removed'
                WHEN 'muted' THEN 'Muted in the code'
                ELSE CASE old_state WHEN 'muted' THEN 'No longer muted' ELSE 'Found again' END END,
            '', ''
        FROM different WHERE state <> old_state
        UNION ALL
        SELECT %(organization)s, finding_id, 'TRIAGE', %(now)s, %(actor)s, %(door)s,
            'Reopened: other code stands where it was ignored', '', ''
        FROM different WHERE is_doubtful
    ), settled AS (
        UPDATE findings_finding AS f SET state = d.state, ref_id = d.ref_id, rule_id = d.rule_id,
            file_id = d.file_id, product = d.product, severity = d.severity,
            confidence = d.confidence, message = d.message, match_based_id = d.match_based_id,
            syntactic_id = d.syntactic_id, code_hash = d.code_hash, pattern_hash = d.pattern_hash,
            start_line = d.start_line, start_column = d.start_column, end_line = d.end_line,
            end_column = d.end_column, is_on_primary = d.ref_id IS NOT DISTINCT FROM %(primary)s,
            state_updated_at = CASE WHEN d.state = f.state THEN f.state_updated_at ELSE %(now)s END,
            relevant_since = CASE
                WHEN f.state = ANY(%(closed)s) AND NOT d.state = ANY(%(closed)s) THEN %(now)s
                ELSE f.relevant_since END,
            verdict = CASE WHEN d.is_new_code THEN '' ELSE f.verdict END,
            triage_state = CASE WHEN d.is_doubtful THEN 'reopened' ELSE f.triage_state END,
            triage_reason = CASE WHEN d.is_doubtful THEN '' ELSE f.triage_reason END
        FROM different d
        WHERE f.id = d.finding_id AND f.organization_id = %(organization)s
        RETURNING f.ref_id
    )
    SELECT DISTINCT ref_id FROM settled
"""
_NOTE_PRIMARY = """
    UPDATE findings_finding SET is_on_primary = NOT is_on_primary
    WHERE organization_id = %(organization)s AND project_id = %(project)s
        AND is_on_primary <> (ref_id IS NOT DISTINCT FROM %(primary)s)
"""

# From this many rows on, a loop within a loop is never right, whatever old statistics say.
MANY_ROWS = 1000


def _forbid_nested_loops(cursor: CursorWrapper, rows: int) -> None:
    if rows >= MANY_ROWS:
        cursor.execute("SET LOCAL enable_nestloop = off")


def _allow_nested_loops(cursor: CursorWrapper, rows: int) -> None:
    if rows >= MANY_ROWS:
        cursor.execute("SET LOCAL enable_nestloop = on")


def new_finding_ids(count: int) -> list[int]:
    """Take ids for findings that are yet to be stored."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NEW_FINDING_IDS, [count])
        return [row[0] for row in cursor]


def store_incoming(*, scan: Scan, rows: int, primary: Ref | None, now: datetime) -> None:
    """Write what stands in `incoming`, so many rows, to findings and instances."""
    is_on_primary = primary is not None and primary.pk == scan.ref_id
    keys: dict[str, Any] = {**_keys(scan), "now": now, "is_on_primary": is_on_primary}
    with connection.cursor() as cursor:
        _forbid_nested_loops(cursor, rows)
        for statement in (_ADD_FINDINGS, _ADD_INSTANCES, _CHANGE_INSTANCES):
            cursor.execute(statement, keys)
        _allow_nested_loops(cursor, rows)


def close_instances(*, scan: Scan, states: Mapping[int, State]) -> None:
    """Give instances, by id, the state of what is no longer there."""
    if not states:
        return
    arguments: dict[str, Any] = {
        **_keys(scan),
        "ids": list(states),
        "states": [state.value for state in states.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_INSTANCES, arguments)


def settle_findings(
    *,
    scan: Scan,
    finding_ids: Collection[int],
    primary: Ref | None,
    now: datetime,
    actor: Actor = SCANNER,
    prefers_live: bool = False,
) -> set[int]:
    """Let findings show the state and place of their default instance, and log what changed.

    `prefers_live`: off the primary branch, show a ref where it still is before a newer one. Returns
    the ids of the refs that changed findings now show, but for the primary branch's.
    """
    if not finding_ids:
        return set()
    arguments: dict[str, Any] = {
        **_keys(scan),
        "ids": sorted(finding_ids),
        "primary": primary.pk if primary else None,
        "closed": [State.FIXED.value, State.REMOVED.value],
        "near": NEAR_LINES,
        "now": now,
        "actor": actor.label,
        "door": actor.door.value,
        "prefers_live": prefers_live,
    }
    with connection.cursor() as cursor:
        _forbid_nested_loops(cursor, len(finding_ids))
        cursor.execute(_SETTLE, arguments)
        refs = {row[0] for row in cursor}
        _allow_nested_loops(cursor, len(finding_ids))
    return refs - {arguments["primary"]}


def note_primary(*, scan: Scan, primary: Ref | None) -> None:
    """Note which of the project's findings show the primary branch; it may be another by now."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_PRIMARY, {**_keys(scan), "primary": primary.pk if primary else None})


def _keys(scan: Scan) -> dict[str, Any]:
    return {
        "organization": scan.organization_id,
        "project": scan.project_id,
        "ref": scan.ref_id,
        "scan": scan.pk,
        "is_diff": scan.kind == ScanKind.DIFF,
    }


def ids_of_findings_elsewhere(scan: Scan) -> Sequence[int]:
    """Return the ids of the project's findings that show another ref than the scan's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.id FROM findings_finding f WHERE f.organization_id = %(organization)s"
            " AND f.project_id = %(project)s AND f.ref_id <> %(ref)s AND EXISTS (SELECT 1 FROM"
            " findings_instance i WHERE i.finding_id = f.id AND i.ref_id = %(ref)s)",
            _keys(scan),
        )
        return [row[0] for row in cursor]
