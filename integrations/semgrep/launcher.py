"""Set limits on this process and become another program; started as a script of its own.

A launcher, because Python code between fork and exec may hang in a process with threads. It
imports nothing of ours: `python -I -S launcher.py LIMITS PROGRAM ARGUMENT…`, where LIMITS is a
JSON object of resource names (`RLIMIT_…`) to numbers.
"""

import json
import os
import resource
import signal
import sys


def set_limit(name: str, wanted: int) -> None:
    """Lower one limit for good; a limit that is lower already, or unknown here, stays."""
    kind = getattr(resource, name, None)
    if kind is None:
        return
    _soft, hard = resource.getrlimit(kind)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))


def main(limits: str, *command: str) -> None:
    """Set the limits and run the command in this process's place."""
    for name, wanted in json.loads(limits).items():
        set_limit(name, wanted)
    # Python ignores both, and what is ignored stays so in the program: it could not be stopped
    # by writing too much.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    os.execv(command[0], command)  # noqa: S606 no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
