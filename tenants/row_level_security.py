"""The second wall: row-level security, as operations for migrations.

Every tenant table gets one policy: a row is seen and written only while the database session's
`app.organization_id` is the row's organization. `FORCE` binds the owner of the table, as whom
the platform connects.
"""

from django.db.migrations.operations import RunSQL

_IN_SCOPE = "organization_id = NULLIF(current_setting('app.organization_id', true), '')::bigint"


def enable_row_level_security(*tables: str) -> list[RunSQL]:
    """Return the operations that put tables behind the wall."""
    return [
        RunSQL(
            sql=[
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY in_scope ON {table} USING ({_IN_SCOPE}) WITH CHECK ({_IN_SCOPE})",
            ],
            reverse_sql=[
                f"DROP POLICY in_scope ON {table}",
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            ],
        )
        for table in tables
    ]


def allow_reading_where(table: str, name: str, condition: str) -> RunSQL:
    """Return the operation that lets rows be read without a scope where `condition` holds."""
    return RunSQL(
        sql=f"CREATE POLICY {name} ON {table} FOR SELECT USING ({condition})",
        reverse_sql=f"DROP POLICY {name} ON {table}",
    )
