"""The programs of the platform as child processes: started, restarted, stopped."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
STOP_TIMEOUT_SECONDS = 20
RESTART_PAUSE_SECONDS = 1.0
PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


@dataclass(slots=True, kw_only=True)
class Program:
    """One long-running program, with the log it writes to."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)
    started_at: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        self.started_at = time.monotonic()

    def is_dead(self) -> bool:
        """Say whether it ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Ask it to end, and after a while insist."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def programs(*, port: int, logs: Path, data_directory: Path) -> list[Program]:
    """Return what runs, in the order of starting."""
    celery = [PYTHON, "-m", "celery", "--app", "assistant_platform", "--quiet"]
    worker = [*celery, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    web = [PYTHON, "-m", "gunicorn", "assistant_platform.wsgi", "--bind", f"127.0.0.1:{port}"]
    web += ["--workers", "2", "--threads", "8", "--timeout", "120", "--no-control-socket"]
    beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile="]
    beat += ["--schedule", str(data_directory / "beat-schedule")]
    commands = {
        "web": web,
        "worker-default": [*worker, "-n", "default@%h", "-Q", "default", "-c", "2"],
        "worker-llm": [*worker, "-n", "llm@%h", "-Q", "llm", "-P", "threads", "-c", "50"],
        "worker-tell": [*worker, "-n", "tell@%h", "-Q", "tell", "-P", "threads", "-c", "8"],
        "worker-verify": [*worker, "-n", "verify@%h", "-Q", "verify", "-c", "1"],
        "beat": beat,
    }
    return [
        Program(name=name, command=command, log=logs / f"{name}.log")
        for name, command in commands.items()
    ]


def restart_the_dead(running: list[Program], environment: dict[str, str]) -> None:
    """Start again what died, with a pause between two tries."""
    for program in running:
        if program.is_dead() and time.monotonic() - program.started_at > RESTART_PAUSE_SECONDS:
            say(f"{program.name} ended and is started again; see {program.log}")
            program.start(environment)
