"""The second wall for the new tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_add_recommended_tasks")]
    operations = [
        *enable_row_level_security(
            "insights_recommendedtask",
            "insights_taskfinding",
        ),
    ]
