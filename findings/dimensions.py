"""The small tables beside the findings: rules as reported, and files."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from findings.models import Scan
from findings.reports.values import RuleFacts

_FIND_RULES = """
    SELECT id, check_id, content_hash FROM findings_reportedrule
    WHERE organization_id = %(organization)s AND check_id = ANY(%(check_ids)s)
"""
# In the order of the key: two ingests that add the same rules never wait in a circle.
_ADD_RULES = """
    INSERT INTO findings_reportedrule (organization_id, check_id, content_hash, severity,
        confidence, category, product, metadata, created_at)
    SELECT %(organization)s, check_id, content_hash, severity, confidence, category, product,
        metadata, %(now)s
    FROM jsonb_to_recordset(%(rules)s::jsonb) AS rule (check_id text, content_hash text,
        severity smallint, confidence smallint, category text, product text, metadata jsonb)
    ORDER BY check_id, content_hash
    ON CONFLICT (organization_id, check_id, content_hash) DO NOTHING
"""
_FIND_FILES = """
    SELECT path, id FROM findings_sourcefile
    WHERE organization_id = %(organization)s AND project_id = %(project)s AND path = ANY(%(paths)s)
"""
_ADD_FILES = """
    INSERT INTO findings_sourcefile (organization_id, project_id, path, component, component_risk)
    SELECT %(organization)s, %(project)s, path, '', '' FROM unnest(%(paths)s::text[]) AS path
    RETURNING path, id
"""


def store_rules(*, scan: Scan, rules: Iterable[RuleFacts], now: datetime) -> dict[int, int]:
    """Return the id of the row of each rule's content, by the identity of its value in memory."""
    facts_by_memory = {id(facts): facts for facts in rules}
    keys = {
        memory: (facts.check_id, _content_hash(facts)) for memory, facts in facts_by_memory.items()
    }
    arguments = {
        "organization": scan.organization_id,
        "check_ids": sorted({check_id for check_id, _ in keys.values()}),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND_RULES, arguments)
        found = {(row[1], row[2]): row[0] for row in cursor}
        missing = {key: facts_by_memory[memory] for memory, key in keys.items() if key not in found}
        if missing:
            cursor.execute(_ADD_RULES, {**arguments, "rules": _as_json(missing)})
            cursor.execute(_FIND_RULES, arguments)
            found = {(row[1], row[2]): row[0] for row in cursor}
    return {memory: found[key] for memory, key in keys.items()}


def store_files(*, scan: Scan, paths: Iterable[str]) -> dict[str, int]:
    """Return the id of each file of the scan's project; the caller holds the project's lock."""
    wanted = sorted(set(paths))
    keys = {"organization": scan.organization_id, "project": scan.project_id}
    with connection.cursor() as cursor:
        cursor.execute(_FIND_FILES, {**keys, "paths": wanted})
        found = dict(cursor.fetchall())
        missing = [path for path in wanted if path not in found]
        if missing:
            cursor.execute(_ADD_FILES, {**keys, "paths": missing})
            found.update(cursor.fetchall())
    return found


def _content_hash(facts: RuleFacts) -> str:
    content = [
        facts.severity,
        facts.confidence,
        facts.category,
        facts.product,
        facts.metadata,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _as_json(rules: dict[tuple[str, str], RuleFacts]) -> str:
    return json.dumps(
        [
            {
                "check_id": check_id,
                "content_hash": content_hash,
                "severity": facts.severity,
                "confidence": facts.confidence,
                "category": facts.category,
                "product": facts.product,
                "metadata": facts.metadata,
            }
            for (check_id, content_hash), facts in rules.items()
        ]
    )
