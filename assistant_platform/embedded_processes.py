"""Processes of the embedded services: as whom they run, and whether one is still there."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant_platform.embedded_places import NOBODY_ID, EmbeddedServiceError

PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """As whom a program is run: the words before its command line, and who owns its files."""

    prefix: tuple[str, ...] = ()
    owner: int


# PostgreSQL refuses to run as root. In a user namespace of one account it sees another user id,
# while the kernel takes it for the owner of our files, without any capability.
IN_A_NAMESPACE = (
    "unshare",
    "--user",
    f"--map-user={NOBODY_ID}",
    f"--map-group={NOBODY_ID}",
)
# Where containers forbid namespaces: as the account nobody, with the one capability that lets it
# pass the directories above its own. The server is ours, and ends with us.
AS_NOBODY = (
    "setpriv",
    f"--reuid={NOBODY_ID}",
    f"--regid={NOBODY_ID}",
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--bounding-set=-all,+dac_override",
)


def account_for_postgres() -> Account:
    """Return as whom PostgreSQL is run; `EMBEDDED_ROOT_METHOD=nobody` skips the namespace."""
    if os.getuid() != 0:
        return Account(owner=os.getuid())
    if os.environ.get("EMBEDDED_ROOT_METHOD") != "nobody" and _succeeds([*IN_A_NAMESPACE, "true"]):
        return Account(prefix=IN_A_NAMESPACE, owner=0)
    if _succeeds([*AS_NOBODY, "true"]):
        return Account(prefix=AS_NOBODY, owner=NOBODY_ID)
    raise EmbeddedServiceError(
        "PostgreSQL refuses to run as root, and this machine allows neither `unshare --user` nor"
        " `setpriv --reuid`. Run as an ordinary user, or set DATABASE_URL."
    )


def _succeeds(command: Sequence[str]) -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    return False


def hand_over(directory: Path, account: Account) -> None:
    """Give a directory to the account that will use it; as root, where another one had it.

    Raises EmbeddedServiceError when it is an ordinary user's: root would lock her out of it.
    """
    owner = directory.stat().st_uid
    if owner == account.owner:
        return
    if os.getuid() != 0 or owner not in {0, NOBODY_ID}:
        raise EmbeddedServiceError(
            f"{directory} belongs to the user with the id {owner}; run as that user, or set"
            " DATA_DIR to another folder."
        )
    for path in [directory, *directory.rglob("*")]:
        os.chown(path, account.owner, -1, follow_symlinks=False)


def read_process_id(path: Path) -> int | None:
    """Return the process id in the first line of a pid or lock file; None without one."""
    try:
        first = path.read_text(errors="replace").partition("\n")[0].strip()
    except OSError:
        return None
    return int(first) if first.isdigit() and int(first) > 1 else None


def works_in(process_id: int, directory: Path) -> bool:
    """Say whether a live process with this id has `directory` as its working directory.

    The number alone proves nothing: after a restart of the machine or the container it is often
    another program's. A zombie is not alive.
    """
    if PROCESSES.is_dir():
        with contextlib.suppress(OSError):
            state = (PROCESSES / str(process_id) / "stat").read_text().rpartition(")")[2].split()[0]
            where = (PROCESSES / str(process_id) / "cwd").readlink()
            return state not in "ZX" and where == directory.resolve()
        return False
    listing = subprocess.run(
        ["ps", "-o", "command=", "-p", str(process_id)],
        check=False,
        capture_output=True,
        text=True,
    )
    return str(directory.name) in listing.stdout or "valkey-server" in listing.stdout


def end_process(process_id: int, directory: Path, *, by: signal.Signals, seconds: float) -> None:
    """Send a signal to a server and wait until it has left `directory`; kill it after `seconds`."""
    for number in (by, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, number)
        deadline = time.monotonic() + seconds
        while works_in(process_id, directory):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
