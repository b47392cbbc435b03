"""Makes an organization with its first admin and tokens."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import ProblemError
from tenants.audit import Actor
from tenants.models import Door
from tenants.services import create_organization


class Command(BaseCommand):
    """Prints the tokens once; they cannot be shown again."""

    help = "Make an organization with its first admin, a CI token and an API token."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-password", required=True)
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it and print it."""
        try:
            made = create_organization(
                slug=options["slug"],
                name=options["name"],
                admin_email=options["admin_email"],
                admin_password=options["admin_password"],
                actor=Actor(door=Door.COMMAND, label="Operator"),
            )
        except ProblemError as error:
            raise CommandError(error.detail) from error
        values = {
            "organization_id": made.organization.id,
            "slug": made.organization.slug,
            "ci_token": made.ci_token,
            "api_token": made.api_token,
        }
        if options["json"]:
            self.stdout.write(json.dumps(values))
        else:
            for name, value in values.items():
                self.stdout.write(f"{name}: {value}")
