# Why a repository's webhook could not be made.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_wall_code_hosts"),
    ]

    operations = [
        migrations.AddField(
            model_name="repositorylink",
            name="hook_problem",
            field=models.CharField(
                blank=True,
                help_text="Why we could not make it, and the remedy.",
                max_length=1000,
            ),
        ),
    ]
