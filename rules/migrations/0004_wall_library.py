"""The second wall for the tables of the library and the editor."""

from django.db import migrations

from tenants.row_level_security import enable_row_level_security


class Migration(migrations.Migration):
    dependencies = [("rules", "0003_add_library")]
    operations = [
        *enable_row_level_security(
            "rules_ruleversion",
            "rules_ruleset",
            "rules_rulesetrule",
            "rules_policyruleset",
            "rules_ruletrial",
            "rules_ruledraft",
        ),
    ]
