"""Run a program on its own: private folder, empty environment, limits, and nothing left behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.conf import settings

from core.errors import ProblemError

LAUNCHER = Path(__file__).with_name("launcher.py")
MEBIBYTE = 1024 * 1024
# The engine asks for its operating system's name with `uname`, and needs nothing else from here.
SEARCH_PATH = "/usr/bin:/bin"
# What programs and Python need of the system, besides their own files.
SYSTEM_READS = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/etc/ssl"),
    *("/dev/random", "/dev/urandom", "/dev/zero"),
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm"),
    *("/sys/devices/system/cpu", "/sys/fs/cgroup"),
    *(sys.prefix, sys.base_prefix),
)
SYSTEM_WRITES = ("/dev/null",)


class ScannerFailedError(ProblemError):
    """The scanner could not be run, or did not end as it should."""

    code = "scanner_failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class ScannerMissingError(ScannerFailedError):
    """There is no such program."""

    code = "scanner_missing"


class ScannerTimeLimitError(ScannerFailedError):
    """The scanner ran for too long and was stopped."""

    code = "scanner_time_limit"


class ScannerOutputLimitError(ScannerFailedError):
    """The scanner wrote too much and was stopped."""

    code = "scanner_output_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a program may use.

    Memory is address space, of which the engine reserves up to 4 GiB before it needs any.
    Processes are counted over all that belong to the user we run as, threads included.
    """

    seconds: int = 60
    memory_mebibytes: int = 6144
    output_mebibytes: int = 64
    processes: int = 4096
    open_files: int = 512

    def as_resources(self) -> dict[str, int]:
        """Return the limits by their names in the module `resource`."""
        return {
            # Ends what goes on after we were killed ourselves; else the wall time ends it first.
            "RLIMIT_CPU": self.seconds + 5,
            "RLIMIT_AS": self.memory_mebibytes * MEBIBYTE,
            "RLIMIT_FSIZE": self.output_mebibytes * MEBIBYTE,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended, and what it said; a negative exit code is a signal's number."""

    exit_code: int
    output: bytes
    errors: bytes


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that only we may read, with `home` and `work` in it; remove it at the end."""
    with TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for room in ("home", "work", "tmp"):
            (folder / room).mkdir(mode=0o700)
        yield folder


def run_program(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    limits: Limits,
    name: str | None = None,
    reads: Sequence[Path] = (),
) -> Finished:
    """Run `command` in `folder`/work and return what it said; `name` is what it is called by.

    The program sees `environment` and a home and a temporary folder inside `folder`; nothing of
    ours, and no network where the system lets us take it away. On Linux with Landlock it writes
    in `folder` alone, and reads there, in `reads` and what every program needs; where there is
    none it can what our user can. It and all its children are gone afterwards. Raises
    ScannerMissingError, ScannerTimeLimitError or ScannerOutputLimitError.
    """
    if not os.access(command[0], os.X_OK) or not Path(command[0]).is_file():
        raise ScannerMissingError(
            f"There is no program {command[0]}: set SEMGREP_PROGRAM to an installed Semgrep."
        )
    with (folder / "output").open("w+b") as output, (folder / "errors").open("w+b") as errors:
        exit_code = _run(
            [name or command[0], *command],
            folder,
            environment,
            _launch_limits(limits, folder, reads),
            limits.seconds,
            output,
            errors,
        )
        size = max(output.seek(0, os.SEEK_END), errors.seek(0, os.SEEK_END))
        if size >= limits.output_mebibytes * MEBIBYTE:
            raise ScannerOutputLimitError(
                f"The scanner wrote more than {limits.output_mebibytes} MiB and was stopped:"
                " give it fewer rules or files at once."
            )
        output.seek(0)
        errors.seek(0)
        return Finished(exit_code=exit_code, output=output.read(), errors=errors.read())


def _run(
    name_and_command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    launch_limits: str,
    seconds: int,
    output: BinaryIO,
    errors: BinaryIO,
) -> int:
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(LAUNCHER), launch_limits, *name_and_command],
        cwd=folder / "work",
        env=_environment(folder, environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise ScannerTimeLimitError(
            f"The scanner was stopped after {seconds} seconds: give it fewer rules or"
            " files at once, or look for a pattern that is very slow."
        ) from error
    finally:
        # Children may outlive their parent, but not its group. An empty group is an error: of
        # one kind on Linux, of the other on macOS.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _launch_limits(limits: Limits, folder: Path, reads: Sequence[Path]) -> str:
    ours = settings.SANDBOX_FOLDERS
    return json.dumps(
        {
            "resources": limits.as_resources(),
            "reads": [*SYSTEM_READS, *map(str, reads)],
            "writes": [*SYSTEM_WRITES, str(folder), *ours],
        }
    )


def _environment(folder: Path, additions: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": SEARCH_PATH,
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        **additions,
    }
