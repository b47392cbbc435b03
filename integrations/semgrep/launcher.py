"""Set limits on this process and become another program; started as a script of its own.

A launcher, because Python code between fork and exec may hang in a process with threads. It
imports nothing of ours: `python -I -S launcher.py LIMITS NAME PROGRAM ARGUMENT…`, where LIMITS is
a JSON object: `resources`, an object of names (`RLIMIT_…`) to numbers; `reads` and `writes`, the
files and folders that may be read and run, and those that may be written too. NAME is what the
program is called by.
"""

import ctypes
import json
import os
import resource
import signal
import stat
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

# Of <linux/sched.h>.
NEW_NETWORK = 0x40000000
NEW_USER = 0x10000000
# Of <linux/prctl.h> and <linux/landlock.h>; the numbers of calls are the same on all machines.
NO_NEW_PRIVILEGES = 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_ASKED = 1
RULE_OF_PATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER, TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
# What each version of Landlock knows more than the one before: all it can forbid is forbidden.
KNOWN_ACCESS = {1: (1 << 13) - 1, 2: 1 << 13, 3: TRUNCATE}
READING = EXECUTE | READ_FILE | READ_FOLDER
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE


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


def leave_files(reads: Sequence[str], writes: Sequence[str]) -> None:
    """Give up all files but those, for good, where the system has Landlock; else do nothing.

    What is left out of reach in this way are other processes too, with their environment.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(CREATE_RULESET, None, 0, VERSION_ASKED)
    if version < 1:
        return
    known = sum(access for since, access in KNOWN_ACCESS.items() if since <= version)
    attributes = struct.pack("=Q", known)
    rules = library.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    for paths, wanted in ((reads, READING), (writes, known)):
        for path in paths:
            allow(library, rules, path, wanted & known)
    library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if library.syscall(RESTRICT_SELF, rules, 0) != 0:
        sys.exit(f"Landlock refused: {os.strerror(ctypes.get_errno())}.")
    os.close(rules)


def allow(library: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    """Allow `access` to a file, or to a folder and all in it; what is not there needs no rule."""
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not stat.S_ISDIR(os.fstat(handle).st_mode):
        access &= OF_FILES
    library.syscall(ADD_RULE, rules, RULE_OF_PATH, struct.pack("=Qi", access, handle), 0)
    os.close(handle)


def main(limits: str, name: str, *command: str) -> None:
    """Leave network and files, set the limits and run the command in this process's place."""
    wanted = json.loads(limits)
    leave_network()
    leave_files(wanted["reads"], wanted["writes"])
    for kind, number in wanted["resources"].items():
        set_limit(kind, number)
    # Python ignores both, and what is ignored stays so in the program: it could not be stopped
    # by writing too much.
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)
    os.umask(0o077)
    os.execv(command[0], [name, *command[1:]])  # noqa: S606 no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
