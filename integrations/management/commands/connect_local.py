"""Makes a git repository on this machine the code host of a project."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.errors import ProblemError
from integrations.services import connect_local
from tenants.audit import Actor
from tenants.models import Door, Organization
from tenants.scope import organization_scope
from tenants.services import get_or_create_project


class Command(BaseCommand):
    """Works only with ALLOW_LOCAL_REPOSITORIES=1; makes the project if need be."""

    help = "Read a project's code from a git repository on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--organization", required=True, help="Its slug.")
        parser.add_argument("--project", required=True, help="Its name: `org/repo`.")
        parser.add_argument("--path", required=True, help="The repository's folder.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Connect it."""
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"--organization: there is no {options['organization']}.")
        with organization_scope(organization.id), transaction.atomic():
            try:
                link = connect_local(
                    project=get_or_create_project(name=options["project"]),
                    path=Path(options["path"]),
                    actor=Actor(door=Door.COMMAND, label="Operator"),
                )
            except ProblemError as error:
                raise CommandError(error.detail) from error
        self.stdout.write(f"{options['project']}: {link.location}")
