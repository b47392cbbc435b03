"""The second wall for the new tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("integrations", "0006_add_slack")]
    operations = [
        *enable_row_level_security(
            "integrations_slackworkspace",
            "integrations_slackaccount",
        ),
    ]
