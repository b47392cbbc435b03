"""The second wall for the new tables."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("triage", "0003_add_requests_and_evaluations")]
    operations = [
        *enable_row_level_security(
            "triage_analysisrequest", "triage_memorypreview", "triage_evaluationrun"
        )
    ]
