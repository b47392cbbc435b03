"""The second wall for the tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial")]
    operations = [
        *enable_row_level_security(
            "findings_ref",
            "findings_scan",
            "findings_scanproblem",
            "findings_upload",
            "findings_reportedrule",
            "findings_sourcefile",
            "findings_finding",
            "findings_instance",
            "findings_activity",
            "findings_findingcount",
        ),
    ]
