"""FindingCount is kept by statement-level triggers on the table of findings.

One trigger run a statement, whatever its number of rows. The changes are applied in the order of
the key, so two statements never wait for each other's counts in a circle. Deleting only updates:
when a project goes, its counts may be gone already, and none must be made for it anew.
"""

from django.db import migrations

KEY = "organization_id, project_id, product, status, severity, verdict"

CREATE = """
CREATE FUNCTION findings_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM 1 FROM findings_findingcount
        WHERE project_id IN (SELECT project_id FROM old_rows) ORDER BY THE_KEY FOR UPDATE;
        UPDATE findings_findingcount AS kept SET count = kept.count - gone.count
        FROM (SELECT THE_KEY, count(*)::int AS count FROM old_rows GROUP BY THE_KEY) AS gone
        WHERE kept.organization_id = gone.organization_id AND kept.project_id = gone.project_id
            AND kept.product = gone.product AND kept.status = gone.status
            AND kept.severity = gone.severity AND kept.verdict = gone.verdict;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO findings_findingcount (THE_KEY, count)
        SELECT THE_KEY, count(*) FROM new_rows GROUP BY THE_KEY ORDER BY THE_KEY
        ON CONFLICT (project_id, product, status, severity, verdict)
        DO UPDATE SET count = findings_findingcount.count + EXCLUDED.count;
        RETURN NULL;
    END IF;
    INSERT INTO findings_findingcount (THE_KEY, count)
    SELECT THE_KEY, sum(change) FROM (
        SELECT THE_KEY, 1 AS change FROM new_rows
        UNION ALL
        SELECT THE_KEY, -1 FROM old_rows
    ) AS changes
    GROUP BY THE_KEY HAVING sum(change) <> 0 ORDER BY THE_KEY
    ON CONFLICT (project_id, product, status, severity, verdict)
    DO UPDATE SET count = findings_findingcount.count + EXCLUDED.count;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON findings_finding
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION findings_count();
CREATE TRIGGER count_updated AFTER UPDATE ON findings_finding
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION findings_count();
CREATE TRIGGER count_deleted AFTER DELETE ON findings_finding
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION findings_count();
""".replace("THE_KEY", KEY)

DROP = """
DROP TRIGGER count_deleted ON findings_finding;
DROP TRIGGER count_updated ON findings_finding;
DROP TRIGGER count_inserted ON findings_finding;
DROP FUNCTION findings_count();
"""


class Migration(migrations.Migration):
    dependencies = [("findings", "0002_row_level_security")]
    operations = [migrations.RunSQL(sql=CREATE, reverse_sql=DROP)]
