"""What a program in the sandbox sees, and what stops it."""

import ctypes
import json
import os
import select
import shutil
import socket
import subprocess
import sys

import pytest

from integrations.semgrep.refusals import (
    ScannerFileLimitError,
    ScannerMemoryLimitError,
    ScannerProcessLimitError,
    refused_by_system,
)
from integrations.semgrep.sandbox import (
    LAUNCHER,
    Finished,
    Limits,
    ScannerMissingError,
    ScannerOutputLimitError,
    ScannerTimeLimitError,
    private_folder,
    run_program,
)

# Landlock keeps files out of reach; asked for its version, as the launcher does.
HAS_LANDLOCK = sys.platform == "linux" and ctypes.CDLL(None).syscall(444, None, 0, 1) > 0
with_landlock = pytest.mark.skipif(not HAS_LANDLOCK, reason="This system has no Landlock.")
SOMEBODY = 10001


@pytest.fixture
def folder():
    with private_folder() as folder:
        yield folder


@pytest.fixture
def run(folder):
    """Return a function that runs a shell script in the sandbox."""

    def run(script, *, environment=None, **limits):
        return run_program(
            ["/bin/sh", "-c", script],
            folder=folder,
            environment=environment or {},
            limits=Limits(**limits),
        )

    return run


def has_ended(process_id):
    """Say whether a process ends; the kernel tells when, so that nothing is polled."""
    try:
        handle = os.pidfd_open(process_id)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([handle], [], [], 30)
    os.close(handle)
    return bool(ended)


def test_a_program_gives_its_output_its_errors_and_its_exit_code(run):
    finished = run("echo out; echo err >&2; exit 3")

    assert finished.output == b"out\n"
    assert finished.errors == b"err\n"
    assert finished.exit_code == 3


def test_a_program_sees_nothing_of_our_environment(run, folder, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "topsecret")
    monkeypatch.setenv("SEMGREP_APP_TOKEN", "topsecret")

    finished = run("exec env", environment={"WORD": "given"})

    variables = dict(line.split("=", 1) for line in finished.output.decode().splitlines())
    # The shell adds its own working directory.
    variables.pop("PWD", None)
    assert variables == {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "WORD": "given",
    }


def test_a_program_works_in_a_folder_of_its_own_that_is_gone_afterwards(run, folder):
    finished = run("pwd -P")

    assert finished.output.decode().strip() == str((folder / "work").resolve())


def test_the_folder_is_for_us_alone_and_is_removed():
    with private_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "work" / "file").write_text("code")

    assert not folder.exists()


def test_a_program_inherits_no_open_file_of_ours(run, tmp_path):
    with (tmp_path / "secret").open("w") as stream:
        os.set_inheritable(stream.fileno(), True)

        finished = run("ls -l /proc/self/fd")

    assert b"secret" not in finished.output


def test_a_program_reads_nothing_from_our_input(run):
    assert run("cat; echo done").output == b"done\n"


def test_a_program_that_never_ends_is_stopped(run):
    with pytest.raises(ScannerTimeLimitError, match="stopped after 1 seconds") as refusal:
        run("while :; do :; done", seconds=1)

    assert refusal.value.code == "scanner_time_limit"


def test_children_do_not_outlive_a_program_that_was_stopped(run, folder):
    with pytest.raises(ScannerTimeLimitError):
        run(f"sleep 300 & echo $! > {folder}/child; wait", seconds=1)

    assert has_ended(int((folder / "child").read_text()))


def test_children_do_not_outlive_a_program_that_ended(run):
    finished = run("sleep 300 >/dev/null 2>&1 & echo $!")

    assert finished.exit_code == 0
    assert has_ended(int(finished.output))


@pytest.mark.parametrize("stream", ["", ">&2"])
def test_a_program_that_writes_too_much_is_stopped(run, stream):
    with pytest.raises(ScannerOutputLimitError, match="more than 1 MiB"):
        run(f"yes {stream}", output_mebibytes=1)


def test_a_program_cannot_fill_the_disk_with_files(run, folder):
    run("yes > big", output_mebibytes=1)

    assert (folder / "work" / "big").stat().st_size == 1024 * 1024


def test_a_program_cannot_take_more_memory_than_it_may(run):
    finished = run("ulimit -v; ulimit -c; ulimit -n", memory_mebibytes=512, open_files=64)

    assert finished.output.split() == [b"524288", b"0", b"64"]


def test_a_program_that_wants_too_much_memory_is_refused_it(folder):
    finished = run_program(
        [sys.executable, "-I", "-S", "-c", "bytearray(10**9)"],
        folder=folder,
        environment={},
        limits=Limits(memory_mebibytes=512),
    )

    assert isinstance(refused_by_system(finished), ScannerMemoryLimitError)


def test_a_program_cannot_start_more_processes_than_it_may():
    """The kernel never counts those of root, so the launcher is started as somebody else."""
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None:
        pytest.skip("Nobody but us may start our Python.")
    limits = json.dumps({"resources": {"RLIMIT_NPROC": 1}, "reads": ["/"], "writes": ["/dev/null"]})
    ended = subprocess.run(
        [python, "-I", "-S", str(LAUNCHER), limits, "sh", "/bin/sh", "-c", "true & true & wait"],
        check=False,
        capture_output=True,
        cwd="/",
        env={},
        **({"user": SOMEBODY, "group": SOMEBODY, "extra_groups": []} if os.getuid() == 0 else {}),
    )

    finished = Finished(exit_code=ended.returncode, output=ended.stdout, errors=ended.stderr)
    assert isinstance(refused_by_system(finished), ScannerProcessLimitError)


@with_landlock
@pytest.mark.parametrize(
    "script",
    [
        "cat {outside}/secret",
        "echo more >> {outside}/secret",
        "echo new > {outside}/new",
        "mkdir {outside}/new",
        "rm {outside}/secret",
        "mv {outside}/secret .",
        "ln -s {outside}/secret link && cat link",
        "ls {outside}",
        "cat /etc/shadow",
        "cat /proc/$PPID/environ",
    ],
)
def test_a_program_reaches_no_file_outside_its_folder(run, tmp_path, script):
    (tmp_path / "secret").write_text("topsecret")

    finished = run(script.format(outside=tmp_path))

    assert finished.exit_code != 0
    assert b"secret" not in finished.output
    assert isinstance(refused_by_system(finished), ScannerFileLimitError)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").read_text() == "topsecret"


def test_a_program_writes_and_reads_in_its_own_folder(run):
    finished = run("mkdir a && echo told > a/b && mv a/b c && cat c && rm c && echo x > $TMPDIR/y")

    assert (finished.exit_code, finished.output) == (0, b"told\n")


@pytest.mark.parametrize("name", ["missing", "folder", "plain"])
def test_a_program_that_cannot_be_run_is_named_with_the_setting(folder, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").write_text("no program")

    with pytest.raises(ScannerMissingError, match=f"{name}: set SEMGREP_PROGRAM"):
        run_program([str(tmp_path / name)], folder=folder, environment={}, limits=Limits())


def test_a_program_cannot_connect_to_this_machine(folder):
    """Only where the system lets a process leave the network."""
    may_leave = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    may_leave_as_user = subprocess.run(
        ["unshare", "--map-root-user", "--net", "true"], check=False, capture_output=True
    )
    if may_leave.returncode and may_leave_as_user.returncode:
        pytest.skip("This system lets nobody leave the network.")
    connect = "import socket,sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        finished = run_program(
            [sys.executable, "-I", "-S", "-c", connect, port],
            folder=folder, environment={}, limits=Limits(),
        )  # fmt: skip

    assert finished.exit_code == 1
    assert b"Error: [Errno" in finished.errors
