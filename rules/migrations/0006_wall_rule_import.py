"""The second wall for imports of rules."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("rules", "0005_add_rule_import")]
    operations = [*enable_row_level_security("rules_ruleimport")]
