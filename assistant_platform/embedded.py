"""PostgreSQL and Valkey from Python wheels, for machines where no address is set.

Whoever needs the services holds a shared lock on a file of the data directory. The first one
starts them, the last one stops them, and the kernel lets go of the locks of those who were killed.
"""

import contextlib
import fcntl
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from django.conf import settings

from assistant_platform import env
from assistant_platform.embedded_places import Addresses, EmbeddedServiceError, addresses
from assistant_platform.embedded_postgres import EmbeddedPostgres
from assistant_platform.embedded_valkey import EmbeddedValkey

__all__ = [
    "Addresses",
    "EmbeddedServiceError",
    "RunningServices",
    "addresses",
    "running_services",
    "services_for_command",
]

LOOK_INTERVAL_SECONDS = 2.0
COMMANDS_WITHOUT_SERVICES = frozenset(
    {"collectstatic", "compilemessages", "evaluate", "help", "makemessages", "version"}
)


def missing_services(
    data_directory: Path, *, durable: bool = True
) -> list[EmbeddedPostgres | EmbeddedValkey]:
    """Return the services for which the environment names no address."""
    services: list[EmbeddedPostgres | EmbeddedValkey] = []
    if not env.read_text("DATABASE_URL"):
        services.append(EmbeddedPostgres(data_directory, durable=durable))
    if not env.read_text("REDIS_URL"):
        services.append(EmbeddedValkey(data_directory))
    return services


class RunningServices:
    """The services of one data directory, for as long as somebody uses them."""

    def __init__(self, data_directory: Path, *, durable: bool) -> None:
        self.data_directory = data_directory
        self.addresses = addresses(data_directory)
        self._services = missing_services(data_directory, durable=durable)
        self._looked_at = time.monotonic()

    @property
    def database_url(self) -> str:
        """Where PostgreSQL is found, if the environment names no other."""
        return self.addresses.database_url

    @property
    def redis_url(self) -> str:
        """Where Valkey is found, if the environment names no other."""
        return self.addresses.redis_url

    def revive(self) -> None:
        """Start whichever service does not answer; cheap when all do.

        Raises EmbeddedServiceError, with the end of the log, when one does not start.
        """
        with start_lock(self.data_directory):
            for service in self._services:
                service.start()

    def revive_now_and_then(self) -> None:
        """Revive, but not more often than a look is worth; for loops that turn fast."""
        if time.monotonic() - self._looked_at > LOOK_INTERVAL_SECONDS:
            self.revive()
            self._looked_at = time.monotonic()

    def stop(self) -> None:
        """Stop all services, last started first."""
        for service in reversed(self._services):
            service.stop()


@contextlib.contextmanager
def running_services(data_directory: Path, *, durable: bool = True) -> Iterator[RunningServices]:
    """Keep the missing services running; on leaving, stop them unless others use them still."""
    services = RunningServices(data_directory.absolute(), durable=durable)
    with start_lock(services.data_directory):
        users = (services.data_directory / "services.users").open("a")
    with users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            services.revive()
            yield services
        finally:
            _leave(services, users)


def _leave(services: RunningServices, users: TextIO) -> None:
    """Stop the services if nobody else holds the lock of their users."""
    with ignore_interrupts(), start_lock(services.data_directory):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        services.stop()


@contextlib.contextmanager
def start_lock(data_directory: Path) -> Iterator[None]:
    """Let one process at a time start or stop the services of a data directory."""
    try:
        data_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = (data_directory / "services.lock").open("a")
    except OSError as error:
        raise EmbeddedServiceError(
            f"{data_directory} cannot be written ({error.strerror}); set DATA_DIR to a folder of"
            " your own."
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def ignore_interrupts() -> Iterator[None]:
    """Finish a clean-up although somebody presses Ctrl-C twice."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not in the main thread, where no signal arrives
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def services_for_command(arguments: Sequence[str]) -> Iterator[None]:
    """Keep the missing services running for one management command that needs them."""
    command = arguments[1] if len(arguments) > 1 else "help"
    has_addresses = env.read_text("DATABASE_URL") and env.read_text("REDIS_URL")
    if has_addresses or command in COMMANDS_WITHOUT_SERVICES:
        yield
        return
    with running_services(settings.DATA_DIR):
        yield
