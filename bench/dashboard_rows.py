"""Fills an organization with findings of every fate and asks for its Dashboard; prints JSON."""

import argparse
import json
import statistics
import time
import uuid
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection

django.setup()

from django.test import Client  # noqa: E402 needs Django
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tenants.models import Membership, Organization, Project, Role, User  # noqa: E402
from tenants.scope import organization_scope  # noqa: E402

PROJECTS = 40
RULES = 200
ADDRESSES = ("", "?priority=all", "?period=1y&priority=all", "?period=7d", "?repo=acme/project-7")
# Three of four stand on the primary branch, of any age up to two years; the rest was found in a
# change request.
_ROWS = """
    INSERT INTO findings_ref (organization_id, project_id, name, created_at)
    SELECT %(organization)s, p.id, names.ref, now() FROM tenants_project p
    CROSS JOIN (SELECT 'main' AS ref UNION ALL
        SELECT 'refs/pull/' || n || '/merge' FROM generate_series(1, 25) n) names
    WHERE p.organization_id = %(organization)s;

    INSERT INTO findings_scan (organization_id, project_id, ref_id, unique_id, kind, status,
        commit, merge_base, change_request, cli_version, products, meta, served_modes, stats,
        skipped_paths, finding_count, new_count, fixed_count, is_blocking, started_at, ingested_at)
    SELECT %(organization)s, r.project_id, r.id, gen_random_uuid(),
        CASE r.name WHEN 'main' THEN 'full' ELSE 'diff' END, 'completed', '', '',
        CASE r.name WHEN 'main' THEN '' ELSE split_part(r.name, '/', 3) END, '', '[]', '{}', '{}',
        '{}', '[]', 0, 0, 0, false, now() - random() * interval '360 days', now()
    FROM findings_ref r CROSS JOIN generate_series(1, 2) WHERE r.organization_id = %(organization)s;

    INSERT INTO findings_reportedrule (organization_id, check_id, content_hash, severity,
        confidence, category, product, metadata, created_at)
    SELECT %(organization)s, 'acme.python.rule-' || n, md5(n::text), n %% 4, n %% 3, 'security',
        CASE WHEN n %% 10 = 0 THEN 'sca' WHEN n %% 25 = 1 THEN 'secrets' ELSE 'sast' END, '{}',
        now()
    FROM generate_series(1, %(rules)s) n;

    INSERT INTO findings_sourcefile (organization_id, project_id, path, component, component_risk)
    SELECT %(organization)s, p.id, 'app/module_' || n || '/views.py', '', ''
    FROM tenants_project p CROSS JOIN generate_series(1, 50) n
    WHERE p.organization_id = %(organization)s;

    CREATE TEMPORARY TABLE fates AS
    WITH places AS (
        SELECT array_agg(id) FILTER (WHERE name = 'main') AS mains,
            array_agg(id) FILTER (WHERE name <> 'main') AS changes
        FROM findings_ref WHERE organization_id = %(organization)s
    ), rules AS (
        SELECT array_agg(id) AS ids FROM findings_reportedrule
        WHERE organization_id = %(organization)s
    )
    SELECT n, CASE WHEN n %% 4 = 0 THEN changes[1 + n %% cardinality(changes)]
            ELSE mains[1 + n %% cardinality(mains)] END AS ref_id,
        ids[1 + (random() * (cardinality(ids) - 1))::int] AS rule_id,
        now() - power(random(), 2) * interval '700 days' AS opened_at, random() AS fate,
        random() AS later
    FROM generate_series(1, %(size)s) n, places, rules;

    ANALYZE fates, findings_ref, findings_scan, findings_sourcefile, findings_reportedrule;

    INSERT INTO findings_finding (organization_id, project_id, rule_id, file_id, product,
        severity, confidence, message, match_based_id, syntactic_id, code_hash, pattern_hash,
        state, ref_id, start_line, start_column, end_line, end_column, relevant_since,
        state_updated_at, first_scan_id, created_at, triage_state, triage_reason, triage_note,
        triaged_at, verdict, is_on_primary, is_found_early, is_shown_early,
        is_gone_early)
    SELECT %(organization)s, ref.project_id, f.rule_id, file.id, rule.product, rule.severity,
        rule.confidence, repeat('User input reaches an SQL statement. ', 6), md5(n::text) || '_0',
        md5(n::text), md5('c' || n), md5('p' || n),
        CASE WHEN fate < 0.35 THEN 'fixed' WHEN fate < 0.4 THEN 'muted' ELSE 'unresolved' END,
        f.ref_id, 10, 5, 10, 30, opened_at, opened_at + later * (now() - opened_at), scan.id,
        opened_at, CASE WHEN fate > 0.85 THEN 'ignored' ELSE 'untriaged' END,
        '', '', CASE WHEN fate > 0.85 THEN opened_at + later * (now() - opened_at) END, '',
        n %% 4 > 0, n %% 4 = 0, n %% 4 = 0 AND n %% 5 < 2, n %% 4 = 0 AND n %% 3 > 0
    FROM fates f
    JOIN findings_ref ref ON ref.id = f.ref_id
    JOIN findings_reportedrule rule ON rule.id = f.rule_id
    JOIN (SELECT ref_id, min(id) AS id FROM findings_scan GROUP BY ref_id) scan
        ON scan.ref_id = f.ref_id
    JOIN (SELECT project_id, id, row_number() OVER (PARTITION BY project_id) AS place
            FROM findings_sourcefile WHERE organization_id = %(organization)s) file
        ON file.project_id = ref.project_id AND file.place = 1 + n %% 50;

    ANALYZE findings_finding;

    INSERT INTO findings_instance (organization_id, finding_id, ref_id, rule_id, file_id, state,
        match_based_id, syntactic_id, code_hash, pattern_hash, start_line, start_column, end_line,
        end_column, first_scan_id, last_scan_id, relevant_since, created_at)
    SELECT organization_id, id, ref_id, rule_id, file_id, state, match_based_id, syntactic_id,
        code_hash, pattern_hash, 10, 5, 10, 30, first_scan_id,
        first_scan_id + (is_found_early AND NOT is_gone_early)::int, relevant_since, created_at
    FROM findings_finding WHERE organization_id = %(organization)s;

    INSERT INTO findings_activity (organization_id, finding_id, kind, at, actor_label, door,
        title, triage_reason, note)
    SELECT f.organization_id, f.id, kind, now(), '', 'platform', kind, '', ''
    FROM findings_finding f CROSS JOIN (VALUES ('STATUS'), ('COMMENT')) kinds (kind)
    WHERE f.organization_id = %(organization)s AND (kind = 'STATUS' OR is_shown_early);

    DROP TABLE fates;
    ANALYZE;
"""


def main() -> None:
    """Fill and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    wanted = parser.parse_args()
    settings.ALLOWED_HOSTS = ["localhost"]
    slug = f"bench-{uuid.uuid4().hex[:12]}"
    client = fill(slug=slug, size=wanted.size)
    pages = [measure(client, f"/orgs/{slug}/dashboard", one, wanted.rounds) for one in ADDRESSES]
    print(json.dumps({"size": wanted.size, "pages": pages}))


def fill(*, slug: str, size: int) -> Client:
    """Make an organization with its rows; return a browser in which its member is signed in."""
    organization = Organization.objects.create(slug=slug, name="Bench")
    user = User.objects.create(email=f"ada@{slug}.example", name="Ada")
    with organization_scope(organization.pk), connection.cursor() as cursor:
        Membership.objects.create(user=user, role=Role.ADMIN)
        for number in range(PROJECTS):
            Project.objects.create(name=f"acme/project-{number}", primary_branch="main")
        cursor.execute("SELECT setseed(0.7)")
        cursor.execute(_ROWS, {"organization": organization.pk, "rules": RULES, "size": size})
        # As autovacuum does within a minute of such a load: indexes are then read alone.
        cursor.execute("VACUUM findings_finding, findings_instance, findings_activity")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def measure(client: Client, path: str, query: str, rounds: int) -> dict[str, Any]:
    """Ask for one address again and again, with figures that are counted each time and kept."""
    settings.FIGURES_KEPT_SECONDS = 0
    client.get(path + query)
    with CaptureQueriesContext(connection) as captured:
        client.get(path + query)
        queries = len(captured)
    counted, busy = _times(client, path + query, rounds)
    settings.FIGURES_KEPT_SECONDS = 3600
    kept, _busy = _times(client, path + query, rounds)
    return {
        "address": query or "as it opens",
        "p50_ms": statistics.median(counted),
        "p95_ms": _p95(counted),
        "busy_p50_ms": statistics.median(busy),
        "busy_p95_ms": _p95(busy),
        "kept_p50_ms": statistics.median(kept),
        "kept_p95_ms": _p95(kept),
        "queries": queries,
    }


def _times(client: Client, address: str, rounds: int) -> tuple[list[float], list[float]]:
    """Return how long each request takes and is worked on, in milliseconds; the first warms up."""
    taken, busy = [], []
    for _round in range(rounds + 1):
        worked, began = _worked(), time.perf_counter()
        answer = client.get(address)
        taken.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (_worked() - worked))
        if answer.status_code != 200:
            raise RuntimeError(answer.status_code)
    return taken[1:], busy[1:]


def _worked() -> float:
    """Return the processor time of this process and its database session so far, in seconds.

    What a busy host makes them wait does not count. Source: /proc/PID/schedstat, nanoseconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    nanoseconds = Path(f"/proc/{session}/schedstat").read_text(encoding="ascii").split()[0]
    return time.process_time() + int(nanoseconds) / 1e9


def _p95(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[min(len(milliseconds) - 1, round(0.95 * len(milliseconds)))]


if __name__ == "__main__":
    main()
