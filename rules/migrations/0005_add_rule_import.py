"""Imports of rules into the library."""

import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tenants.scope


class Migration(migrations.Migration):
    dependencies = [
        ("rules", "0004_wall_library"),
        ("tenants", "0004_add_path_ignores"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "is_wanted_again",
                    models.BooleanField(
                        default=False,
                        help_text="Asked for anew while it ran: once over, it begins again.",
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Since it was last wanted; what grows the pause between tries.",
                    ),
                ),
                (
                    "claims",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Ever; a worker whose number is not the newest has lost its claim.",
                    ),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="While running: when the claim lapses.",
                    ),
                ),
                ("error", models.CharField(blank=True, help_text="For people.", max_length=1000)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "person_label",
                    models.CharField(help_text="Who it was, kept after she left.", max_length=200),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What was chosen: a file, a folder.", max_length=200
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("custom", "Custom"),
                            ("shipped", "Shipped"),
                            ("community", "Community"),
                        ],
                        default="custom",
                        max_length=20,
                    ),
                ),
                ("ruleset_name", models.CharField(max_length=200)),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("monitor", "Monitor"),
                            ("comment", "Comment"),
                            ("block", "Block"),
                            ("disabled", "Disabled"),
                        ],
                        default="monitor",
                        help_text="In the policy.",
                        max_length=10,
                    ),
                ),
                (
                    "files",
                    models.JSONField(
                        default=list,
                        help_text="`name` and `text` of each rule file, `tests`: texts by name. Emptied at the end.",
                    ),
                ),
                (
                    "skipped",
                    models.PositiveIntegerField(
                        default=0, help_text="Files that are no rules or tests."
                    ),
                ),
                (
                    "total",
                    models.PositiveIntegerField(
                        default=0, help_text="Rules to be tried by the scanner."
                    ),
                ),
                ("tried", models.PositiveIntegerField(default=0)),
                (
                    "report",
                    models.JSONField(
                        default=dict,
                        help_text="`rules.import_reports.LibraryReport` as a mapping; grows while it runs.",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organization",
                    models.ForeignKey(
                        default=tenants.scope.current_organization_id,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        help_text="None: no policy.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="rules.policy",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "-created_at"], name="newest_rule_imports")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
