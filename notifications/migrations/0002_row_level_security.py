"""The second wall for the new tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]
    operations = [
        *enable_row_level_security(
            "notifications_reviewsettings",
            "notifications_review",
            "notifications_reviewcomment",
            "notifications_reviewcommand",
        ),
    ]
