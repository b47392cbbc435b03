"""Where the embedded services keep their sockets, and how they are reached.

Both servers listen on Unix sockets alone. A socket's path must stay below about 100 bytes and
stands in URLs and configuration lines, so the sockets live under the data directory only where its
path is short and plain. Elsewhere they live in a short directory named after its hash.
"""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

ROLE = "assistant"
DATABASE = "assistant"
NOBODY_ID = 65534
LONGEST_DIRECTORY = 80  # bytes; the sockets' names add up to 20 to it
PLAIN_PATH = re.compile(rf"^[A-Za-z0-9_./-]{{1,{LONGEST_DIRECTORY}}}$")


class EmbeddedServiceError(RuntimeError):
    """A service cannot run here; the sentence says what to do, or holds the end of its log."""


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
    """Return the services' addresses for a data directory; starts and creates nothing."""
    inside = data_directory.resolve() / "run"
    if PLAIN_PATH.match(str(inside)):
        return Addresses(socket_directory=inside)
    key = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Addresses(socket_directory=Path(f"/tmp/assistant-{os.getuid()}-{key}"))  # noqa: S108 short


def make_private_directory(path: Path) -> None:
    """Create a directory that its owner alone may enter: we, or as root the account nobody.

    Raises EmbeddedServiceError for a path that is a link, no directory, or somebody else's.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.lstat()
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise EmbeddedServiceError(
            f"{path} cannot be made ({error.strerror}); set DATA_DIR to a folder of your own."
        ) from error
    owners = {os.getuid(), NOBODY_ID} if os.getuid() == 0 else {os.getuid()}
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
        raise EmbeddedServiceError(
            f"{path} belongs to somebody else (user id {status.st_uid}) or is a link; have it"
            " removed, or set DATA_DIR to another folder with a short path."
        )
    path.chmod(0o700)


def end_of(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
