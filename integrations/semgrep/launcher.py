"""Set limits on this process and become another program; started as a script of its own.

A launcher, because Python code between fork and exec may hang in a process with threads. It
imports nothing of ours: `python -I -S launcher.py LIMITS NAME PROGRAM ARGUMENT…`, where LIMITS is
a JSON object of resource names (`RLIMIT_…`) to numbers, and NAME what the program is called by.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path

# Of <linux/sched.h>.
NEW_NETWORK = 0x40000000
NEW_USER = 0x10000000


def set_limit(name: str, wanted: int) -> None:
    """Lower one limit for good; a limit that is lower already, or unknown here, stays."""
    kind = getattr(resource, name, None)
    if kind is None:
        return
    _soft, hard = resource.getrlimit(kind)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))


def leave_network() -> None:
    """Move to a network of our own without any way out, where the system allows that."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is None or unshare(NEW_NETWORK) == 0:
        return
    # A user namespace that turns out to be half forbidden cannot be left: a child tries first.
    child = os.fork()
    if child == 0:
        os._exit(0 if become_own_user(unshare) else 1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        become_own_user(unshare)


def become_own_user(unshare: "ctypes._NamedFuncPointer") -> bool:
    """Move to a user and a network namespace in which we are who we were; say if that works."""
    user, group = os.getuid(), os.getgid()
    if unshare(NEW_USER | NEW_NETWORK) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError:
        return False
    return True


def main(limits: str, name: str, *command: str) -> None:
    """Leave the network, set the limits and run the command in this process's place."""
    leave_network()
    for kind, wanted in json.loads(limits).items():
        set_limit(kind, wanted)
    # Python ignores both, and what is ignored stays so in the program: it could not be stopped
    # by writing too much.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    os.execv(command[0], [name, *command[1:]])  # noqa: S606 no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
