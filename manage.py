"""Django's command line; keeps the embedded services running for the command."""

import os
import sys

from django.core.management import execute_from_command_line

from assistant_platform.embedded import EmbeddedServiceError, services_for_command


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant_platform.settings")
    try:
        with services_for_command(sys.argv):
            execute_from_command_line(sys.argv)
    except EmbeddedServiceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
