"""Since when a webhook only fails."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_wall_told_scans")]

    operations = [
        migrations.AddField(
            model_name="outgoingwebhook",
            name="failing_since",
            field=models.DateTimeField(help_text="Of the first of those failures.", null=True),
        ),
    ]
