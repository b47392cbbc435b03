"""What the database knows before a report is stored: the matches of a ref, and of other refs."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from findings.identity import Mark, split_id
from findings.lifecycle import is_live
from findings.models import Scan


class KnownInstance(NamedTuple):
    """A row of the table of instances, as far as a new report is compared with it."""

    id: int
    finding_id: int
    finding_ref_id: int
    rule_id: int
    file_id: int
    state: str
    match_based_id: str
    syntactic_id: str
    code_hash: str
    pattern_hash: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    last_scan_id: int
    trace_hash: str
    message_hash: str


class KnownRule(NamedTuple):
    """What closing and pairing need of a rule."""

    check_id: str
    product: str


# Two statements, not a join: of an organization whose first findings were just stored, statistics
# know nothing yet, and the planner would compare every row with every other.
_INSTANCES = """
    SELECT i.id, i.finding_id, i.rule_id, i.file_id, i.state, i.match_based_id,
        i.syntactic_id, i.code_hash, i.pattern_hash, i.start_line, i.start_column, i.end_line,
        i.end_column, COALESCE(i.last_scan_id, 0), COALESCE(md5(i.trace::text), '')
    FROM findings_instance i
    WHERE i.organization_id = %(organization)s AND i.ref_id = %(ref)s
"""
_THEIR_FINDINGS = """
    SELECT f.id, f.ref_id, md5(f.message) FROM findings_finding f
    WHERE f.organization_id = %(organization)s AND f.id = ANY(%(ids)s)
"""
_OTHERS = """
    SELECT f.id, f.rule_id, f.file_id, f.match_based_id, f.code_hash, f.pattern_hash,
        f.start_line, f.start_column, f.state
    FROM findings_finding f
    WHERE f.organization_id = %(organization)s AND f.project_id = %(project)s
        AND NOT EXISTS (
            SELECT 1 FROM findings_instance i WHERE i.finding_id = f.id AND i.ref_id = %(ref)s)
"""
_RULES = """
    SELECT id, check_id, product FROM findings_reportedrule
    WHERE organization_id = %(organization)s AND id = ANY(%(ids)s)
"""
_FILES = """
    SELECT id, path FROM findings_sourcefile
    WHERE organization_id = %(organization)s AND project_id = %(project)s
"""


class Known:
    """Reads what is known of one scan's project."""

    def __init__(self, scan: Scan) -> None:
        self.keys = {
            "organization": scan.organization_id,
            "project": scan.project_id,
            "ref": scan.ref_id,
        }
        self.paths: dict[int, str] = {}
        self.rules: dict[int, KnownRule] = {}

    def instances(self) -> list[KnownInstance]:
        """Return all instances of the scan's ref, open and closed."""
        with connection.cursor() as cursor:
            cursor.execute(_INSTANCES, self.keys)
            found = cursor.fetchall()
            cursor.execute(_THEIR_FINDINGS, {**self.keys, "ids": [row[1] for row in found]})
            findings = {row[0]: row[1:] for row in cursor}
            rows = []
            for row in found:
                shown_ref, message = findings[row[1]]
                rows.append(KnownInstance._make((*row[:2], shown_ref, *row[2:], message)))
            cursor.execute(_FILES, self.keys)
            self.paths = dict(cursor.fetchall())
        self._load_rules({row.rule_id for row in rows})
        return rows

    def instance_marks(self, instances: Collection[KnownInstance]) -> list[Mark]:
        """Return what identity needs of instances; the key is the position."""
        return [
            Mark(
                key,
                self.rules[row.rule_id].check_id,
                self.paths[row.file_id],
                *split_id(row.match_based_id),
                row.code_hash,
                row.pattern_hash,
                row.start_line,
                row.start_column,
                self.rules[row.rule_id].product,
                is_live(row.state),
            )
            for key, row in enumerate(instances)
        ]

    def other_marks(self) -> list[Mark]:
        """Return the project's findings that have no instance on the ref; the key is their id."""
        with connection.cursor() as cursor:
            cursor.execute(_OTHERS, self.keys)
            rows = cursor.fetchall()
        self._load_rules({row[1] for row in rows})
        return [
            Mark(
                finding_id,
                self.rules[rule_id].check_id,
                self.paths[file_id],
                *split_id(match_based_id),
                code_hash,
                pattern_hash,
                line,
                column,
                self.rules[rule_id].product,
                is_live(state),
            )
            for (
                finding_id,
                rule_id,
                file_id,
                match_based_id,
                code_hash,
                pattern_hash,
                line,
                column,
                state,
            ) in rows
        ]

    def _load_rules(self, ids: set[int]) -> None:
        missing = sorted(ids - self.rules.keys())
        if missing:
            with connection.cursor() as cursor:
                cursor.execute(_RULES, {**self.keys, "ids": missing})
                self.rules.update({row[0]: KnownRule(row[1], row[2]) for row in cursor})
