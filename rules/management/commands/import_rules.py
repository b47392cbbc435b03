"""Imports rule files into an organization's default policy."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import ProblemError
from rules.imports import ImportReport, import_rules
from rules.models import Mode
from tenants.audit import Actor
from tenants.models import Door, Organization
from tenants.scope import organization_scope

MODES = (Mode.MONITOR, Mode.COMMENT, Mode.BLOCK)


class Command(BaseCommand):
    """Imports all rules of all files, or none and says why."""

    help = "Import rule files into the organization's default policy, with one mode for all."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--mode", required=True, choices=[mode.value for mode in MODES])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import them and say what changed."""
        slug = options["organization"]
        organization = Organization.objects.filter(slug=slug).first()
        if organization is None:
            raise CommandError(
                f"--organization: there is none with the slug {slug!r}; make it with"
                " `create_organization`."
            )
        try:
            with organization_scope(organization.id):
                report = import_rules(
                    files=options["files"],
                    mode=Mode(options["mode"]),
                    actor=Actor(door=Door.COMMAND, label="Operator"),
                    now=timezone.now(),
                )
        except ProblemError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(_summary(report))


def _summary(report: ImportReport) -> str:
    counts = {
        "new": len(report.imported),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
    }
    parts = [f"{count} {name}" for name, count in counts.items()]
    if report.mode_changed:
        parts.append(f"{len(report.mode_changed)} had another mode")
    return f"Rules in mode {report.mode.value}: {', '.join(parts)}."
