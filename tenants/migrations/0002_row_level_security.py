"""The second wall for the tables of this app, and an audit log that only grows."""

from django.db import migrations

from tenants.row_level_security import allow_reading_where, enable_row_level_security

APPEND_ONLY = """
CREATE FUNCTION tenants_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
       AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;  -- the person was deleted; her label stays
    END IF;
    RAISE EXCEPTION 'audit events are append-only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenants_auditevent
    FOR EACH ROW EXECUTE FUNCTION tenants_audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [
        *enable_row_level_security(
            "tenants_membership", "tenants_project", "tenants_apitoken", "tenants_auditevent"
        ),
        allow_reading_where(
            "tenants_membership",
            "own_memberships",
            "user_id = NULLIF(current_setting('app.user_id', true), '')::bigint",
        ),
        allow_reading_where(
            "tenants_apitoken",
            "token_in_hand",
            "token_hash = NULLIF(current_setting('app.token_hash', true), '')",
        ),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER append_only ON tenants_auditevent;"
            "DROP FUNCTION tenants_audit_append_only();",
        ),
    ]
