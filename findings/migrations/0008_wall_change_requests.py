"""The second wall for the new tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("findings", "0007_add_change_requests")]
    operations = [
        *enable_row_level_security("findings_changerequest"),
    ]
