"""Brings every stored credential under the newest key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.encryption import add_key_to_file
from integrations.rotation import rotate_all
from tenants.models import Organization
from tenants.scope import organization_scope


class Command(BaseCommand):
    """`rotate_credentials [--new-key]`."""

    help = (
        "Encrypts all stored credentials anew, with the first key of CREDENTIAL_KEYS, or of the key"
        " file where that setting is empty. Older keys may be dropped afterwards."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the one option."""
        parser.add_argument(
            "--new-key", action="store_true", help="First put a new key at the top of the key file."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rotate, one organization after the other, and say how many credentials there were."""
        if options["new_key"]:
            self.stdout.write(f"A new key stands at the top of {add_key_to_file()}.")
        rotated, unreadable = 0, []
        for organization in Organization.objects.order_by("slug"):
            with organization_scope(organization.pk):
                count, lost = rotate_all()
            rotated += count
            if lost:
                unreadable.append(organization.slug)
        self.stdout.write(f"Credentials under the newest key: {rotated}.")
        if unreadable:
            raise CommandError(
                f"No key fits some of: {', '.join(unreadable)}. Put the old key back and run"
                " this again, or have their admins enter them anew."
            )
