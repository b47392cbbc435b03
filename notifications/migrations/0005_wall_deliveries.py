"""The second wall for the new tables of this app."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_add_deliveries")]
    operations = [
        *enable_row_level_security(
            "notifications_subscription",
            "notifications_mailpreference",
            "notifications_outgoingwebhook",
            "notifications_delivery",
            "notifications_deliveryattempt",
        ),
    ]
