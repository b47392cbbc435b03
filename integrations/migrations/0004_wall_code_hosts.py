"""The second wall for the new tables; a webhook's key opens its own endpoint."""

from django.db import migrations

from tenants.row_level_security import allow_reading_where, enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_add_code_hosts")]
    operations = [
        *enable_row_level_security(
            "integrations_githubapp",
            "integrations_webhookendpoint",
            "integrations_webhookreceipt",
        ),
        allow_reading_where(
            "integrations_webhookendpoint",
            "key_in_hand",
            "key_hash = NULLIF(current_setting('app.webhook_key_hash', true), '')",
        ),
    ]
