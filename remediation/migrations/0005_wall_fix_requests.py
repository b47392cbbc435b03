"""The second wall for the new tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("remediation", "0004_add_fix_requests")]
    operations = [
        *enable_row_level_security("remediation_fixrequest"),
    ]
