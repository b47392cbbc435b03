"""The second wall for the new tables."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("llm", "0003_add_assistant_settings")]
    operations = [*enable_row_level_security("llm_assistantsettings")]
