"""The second wall for the tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("remediation", "0001_initial")]
    operations = [
        *enable_row_level_security(
            "remediation_guidance",
            "remediation_fixattempt",
            "remediation_guidancefeedback",
            "remediation_fixfeedback",
        )
    ]
