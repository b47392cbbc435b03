"""Whether an admin has decided that a message in doubt may stand there twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0008_add_failing_since")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="may_repeat",
            field=models.BooleanField(
                default=False,
                help_text="An admin has it sent even where nobody can tell of that doubt.",
            ),
        ),
    ]
