"""The second wall for a new table of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_add_digests")]
    operations = [*enable_row_level_security("notifications_toldscan")]
