"""Runs the whole platform on one machine: `make serve` and `make demo`.

One process starts the services, the web server, the workers and the beat, restarts what dies, and
stops in reverse order all that it started, and nothing else. A lock refuses a second one for the
same data directory.
"""

import contextlib
import fcntl
import functools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant_platform import env
from assistant_platform.embedded import EmbeddedServiceError, RunningServices, running_services
from assistant_platform.programs import (
    PYTHON,
    ROOT,
    Program,
    programs,
    restart_the_dead,
    say,
)

READY_TIMEOUT_SECONDS = 90


class SupervisorError(RuntimeError):
    """The platform cannot be started; the sentence says what to do."""


@contextlib.contextmanager
def only_one(data_directory: Path) -> Iterator[None]:
    """Refuse a second supervisor for the same data directory."""
    data_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_directory / "supervisor.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SupervisorError(
                f"The platform runs already on {data_directory}; stop it, or set DATA_DIR to"
                " another folder."
            ) from None
        yield


def choose_port(*, is_demo: bool) -> int:
    """Return PORT, else 8000; the demo takes the next free one where PORT is not set."""
    wanted = env.read_integer("PORT", 8000, minimum=1)
    candidates = range(wanted, wanted + 100) if is_demo and "PORT" not in os.environ else [wanted]
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise SupervisorError(f"Port {wanted} is in use; set PORT to a free one.")


def run_to_end(*arguments: str, environment: dict[str, str]) -> None:
    """Run one management command; its output is shown only when it fails."""
    result = subprocess.run(
        [PYTHON, "manage.py", *arguments],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    if result.returncode:
        raise SupervisorError(f"manage.py {arguments[0]} failed:\n{result.stdout}{result.stderr}")


def wait_until_ready(url: str, running: list[Program]) -> None:
    """Wait until /readyz answers 200."""
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{url}/readyz", timeout=5),  # noqa: S310 our own address
        ):
            return
        dead = [program for program in running if program.is_dead()]
        if dead:
            tail = dead[0].log.read_text(errors="replace")[-2000:]
            raise SupervisorError(f"{dead[0].name} ended:\n{tail}")
        time.sleep(0.1)
    raise SupervisorError(f"{url}/readyz was not ready in {READY_TIMEOUT_SECONDS} s.")


@contextlib.contextmanager
def platform(
    *, data_directory: Path, port: int, environment: dict[str, str]
) -> Iterator[Callable[[], None]]:
    """Run the platform within the block; call what it gives often, to restart what died."""
    logs = data_directory / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    running = programs(port=port, logs=logs, data_directory=data_directory)
    with contextlib.ExitStack() as stack:
        services = None
        if "DATABASE_URL" not in environment or "REDIS_URL" not in environment:
            services = stack.enter_context(running_services(data_directory))
            environment.setdefault("DATABASE_URL", services.database_url)
            environment.setdefault("REDIS_URL", services.redis_url)
        run_to_end("migrate", "--verbosity", "0", environment=environment)
        run_to_end("collectstatic", "--noinput", "--verbosity", "0", environment=environment)
        for program in running:
            stack.callback(program.stop)
            program.start(environment)
        wait_until_ready(environment["PUBLIC_URL"], running)
        yield functools.partial(keep_alive, running, environment, services)


def keep_alive(
    running: list[Program], environment: dict[str, str], services: RunningServices | None
) -> None:
    """Start again what died: programs, and the services that are ours."""
    try:
        if services is not None:
            services.revive_now_and_then()
    except EmbeddedServiceError as error:
        say(str(error))
    restart_the_dead(running, environment)


def prepare_environment(*, data_directory: Path, port: int, is_demo: bool) -> dict[str, str]:
    """Return the environment of all that we start."""
    environment = dict(os.environ)
    environment["DATA_DIR"] = str(data_directory)
    environment["STATIC_ROOT"] = str(data_directory / "static")
    environment["DJANGO_SETTINGS_MODULE"] = "assistant_platform.settings"
    environment.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    for name in ("DATABASE_URL", "REDIS_URL"):
        if not environment.get(name):
            environment.pop(name, None)
    if is_demo:
        environment["ALLOW_LOCAL_REPOSITORIES"] = "1"
        # What would be mailed is read there; a mail server of one's own is taken where it is set.
        environment.setdefault("EMAIL_FILE_PATH", str(data_directory / "mails"))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def serve(*, is_demo: bool) -> int:
    """Run the platform until a signal; with the demo's job, until that is done where asked."""
    default = ROOT / ".data" / "demo" if is_demo else ROOT / ".data"
    data_directory = env.read_path("DATA_DIR", default)
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    with only_one(data_directory):
        port = choose_port(is_demo=is_demo)
        environment = prepare_environment(data_directory=data_directory, port=port, is_demo=is_demo)
        say("Starting PostgreSQL, Valkey, the web server and the workers …")
        code, summary = 0, ""
        with platform(data_directory=data_directory, port=port, environment=environment) as revive:
            say(f"Ready: {environment['PUBLIC_URL']} (logs in {data_directory / 'logs'})")
            if is_demo:
                code, summary = run_demo(data_directory, environment, stopping)
            if code or (is_demo and env.read_flag("DEMO_ONCE")):
                stopping.append(0)
            elif is_demo:
                print(summary, flush=True)  # noqa: T201 the contract of `make demo`
            while not stopping:
                revive()
                time.sleep(0.2)
            say("Stopping …")
        if is_demo and env.read_flag("DEMO_ONCE") and summary:
            print(summary, flush=True)  # noqa: T201 the contract: the last line is the summary
    return code


def run_demo(
    data_directory: Path, environment: dict[str, str], stopping: list[int]
) -> tuple[int, str]:
    """Run the demo's job; return its exit code and its summary, one line of JSON."""
    output = data_directory / "demo-summary.json"
    output.unlink(missing_ok=True)
    job = subprocess.Popen(
        [PYTHON, "-m", "demo", "--summary", str(output)],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    while job.poll() is None:
        if stopping:
            os.killpg(job.pid, signal.SIGTERM)
            job.wait()
            return 130, ""
        time.sleep(0.1)
    return job.returncode, output.read_text().strip() if output.exists() else ""


def main() -> int:
    """Run `serve` or `demo`."""
    if sys.argv[1:] not in (["serve"], ["demo"]):
        say("Usage: python -m assistant_platform.supervisor serve|demo")
        return 2
    try:
        return serve(is_demo=sys.argv[1] == "demo")
    except (EmbeddedServiceError, SupervisorError) as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
