"""PostgreSQL and Valkey from wheels, as real servers in folders of their own."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from assistant_platform.embedded import (
    EmbeddedServiceError,
    addresses,
    running_services,
    services_for_command,
)
from assistant_platform.embedded_processes import AS_NOBODY, NOBODY_ID, read_process_id
from assistant_platform.embedded_valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[2]
HOLD_SERVICES = """
import sys
from pathlib import Path
from assistant_platform.embedded import running_services
with running_services(Path(sys.argv[1]), durable=False):
    print("ready", flush=True)
    sys.stdin.readline()
"""
only_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to change accounts")


@pytest.fixture(autouse=True)
def _no_addresses(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def data_directory():
    """A short path of our own; whatever a failed test left running there is killed."""
    folder = Path(tempfile.mkdtemp(prefix="assistant-embedded-"))
    yield folder / "data"
    for pid_file in [*folder.rglob("postmaster.pid"), *folder.rglob("valkey.pid")]:
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.kill(read_process_id(pid_file), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def services_at(path):
    return running_services(path, durable=False)


def query(services, statement):
    connection = psycopg2.connect(services.database_url)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


@contextlib.contextmanager
def valkey(services):
    with contextlib.closing(redis.Redis.from_url(services.redis_url)) as client:
        yield client


def process_ids(path):
    return (
        read_process_id(path / "postgres" / "postmaster.pid"),
        read_process_id(path / "valkey" / "valkey.pid"),
    )


def answers(path):
    """Whether PostgreSQL and Valkey of a data directory answer."""
    found = addresses(path)
    try:
        psycopg2.connect(found.database_url).close()
        postgres = True
    except psycopg2.OperationalError:
        postgres = False
    return postgres, EmbeddedValkey(path).is_alive()


def kill_both(path):
    for process_id in process_ids(path):
        os.kill(process_id, signal.SIGKILL)


def test_both_services_run_within_the_block_and_no_longer(data_directory):
    with services_at(data_directory) as services:
        assert query(services, "SELECT 1") == [(1,)]
        with valkey(services) as client:
            assert client.ping() is True

    assert answers(data_directory) == (False, False)
    assert process_ids(data_directory) == (None, None)


def test_row_level_security_binds_our_role(data_directory):
    with services_at(data_directory) as services:
        rows = query(
            services,
            "SELECT rolsuper, rolbypassrls, pg_get_userbyid(datdba) = current_user"
            " FROM pg_roles, pg_database"
            " WHERE rolname = current_user AND datname = current_database()",
        )

    assert rows == [(False, False, True)]


def test_nobody_else_can_reach_the_sockets(data_directory):
    with services_at(data_directory) as services:
        assert services.addresses.socket_directory.stat().st_mode & 0o777 == 0o700
        assert query(services, "SHOW listen_addresses") == [("",)]


def test_the_last_user_stops_the_services_and_nobody_before(data_directory):
    with contextlib.ExitStack() as second:
        with services_at(data_directory):
            before = process_ids(data_directory)
            second.enter_context(services_at(data_directory))

        assert process_ids(data_directory) == before
        assert answers(data_directory) == (True, True)
    assert answers(data_directory) == (False, False)


def test_services_of_a_killed_process_are_reused_and_then_stopped(data_directory):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_SERVICES, str(data_directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        holder.stdout.readline()
        holder.kill()
    before = process_ids(data_directory)

    with services_at(data_directory):
        assert process_ids(data_directory) == before
    assert answers(data_directory) == (False, False)


def test_what_was_committed_survives_the_kill_of_both_servers(data_directory):
    with services_at(data_directory) as services:
        query(services, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        with valkey(services) as client:
            client.rpush("kept", *range(1000))
        kill_both(data_directory)

        services.revive()

        assert query(services, "SELECT count(*) FROM kept") == [(1000,)]
        with valkey(services) as client:
            assert client.llen("kept") == 1000


def test_reviving_live_services_changes_nothing(data_directory):
    with services_at(data_directory) as services:
        before = process_ids(data_directory)

        services.revive()

        assert process_ids(data_directory) == before


def test_pid_files_that_name_another_program_are_no_obstacle(data_directory):
    with services_at(data_directory):
        kill_both(data_directory)
    pid_file = data_directory / "postgres" / "postmaster.pid"
    rest = pid_file.read_text().partition("\n")[2] if pid_file.exists() else ""
    pid_file.write_text(f"{os.getpid()}\n{rest}")
    (data_directory / "valkey" / "valkey.pid").write_text(f"{os.getpid()}\n")

    with services_at(data_directory):
        assert answers(data_directory) == (True, True)


def test_swept_sockets_come_back(data_directory):
    with services_at(data_directory) as services:
        query(services, "CREATE TABLE kept ()")
        shutil.rmtree(services.addresses.socket_directory)

        services.revive()

        assert query(services, "SELECT count(*) FROM kept") == [(0,)]
        assert answers(data_directory) == (True, True)


def test_servers_whose_files_were_deleted_are_replaced(data_directory):
    deep = data_directory / ("d" * 120)  # its sockets live outside it, and outlive it
    with services_at(deep) as services:
        before = process_ids(deep)
        shutil.rmtree(data_directory)

        with services_at(deep):
            after = process_ids(deep)
            assert query(services, "SELECT 1") == [(1,)]
            assert answers(deep) == (True, True)
    shutil.rmtree(services.addresses.socket_directory)

    assert set(after).isdisjoint(before)
    assert answers(deep) == (False, False)


def test_deep_paths_with_spaces_and_quotes_serve(data_directory):
    path = data_directory / ("a deep folder, with it's spaces é" * 3) / ("x" * 150)

    with services_at(path) as services:
        assert query(services, "SELECT 1") == [(1,)]
        with valkey(services) as client:
            assert client.ping() is True
    shutil.rmtree(services.addresses.socket_directory)

    assert len(services.redis_url) < 80


def test_two_data_directories_do_not_meet(data_directory):
    other = data_directory.with_name("other")
    with services_at(data_directory) as ours, services_at(other) as theirs:
        query(ours, "CREATE TABLE ours ()")

        assert query(theirs, "SELECT to_regclass('ours')") == [(None,)]
        assert set(process_ids(data_directory)).isdisjoint(process_ids(other))
    assert answers(other) == (False, False)


def test_the_remains_of_an_interrupted_initdb_are_cleared_away(data_directory):
    draft = data_directory / "postgres.new-interrupted"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    with services_at(data_directory):
        assert answers(data_directory) == (True, True)
    assert not draft.exists()


def test_a_folder_that_is_no_cluster_is_refused_and_left_alone(data_directory):
    stranger = data_directory / "postgres" / "letter.txt"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("keep me")

    with (
        pytest.raises(EmbeddedServiceError, match="is no PostgreSQL cluster; move it away"),
        services_at(data_directory),
    ):
        pass

    assert stranger.read_text() == "keep me"
    assert answers(data_directory) == (False, False)


def test_a_start_that_was_cut_off_before_our_role_was_made_is_completed(data_directory):
    with services_at(data_directory) as services:
        superuser = f"host={services.addresses.socket_directory} user=postgres dbname=postgres"
        connection = psycopg2.connect(superuser)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("DROP DATABASE assistant")
            cursor.execute("DROP ROLE assistant")

        services.revive()

        assert query(services, "SELECT current_user::text") == [("assistant",)]


def test_a_link_in_place_of_the_socket_directory_is_refused(data_directory):
    data_directory.mkdir()
    (data_directory / "run").symlink_to("/")

    with (
        pytest.raises(EmbeddedServiceError, match="is a link"),
        services_at(data_directory),
    ):
        pass


@only_root
def test_somebody_elses_socket_directory_is_refused(data_directory):
    sockets = data_directory / "run"
    sockets.mkdir(parents=True)
    os.chown(sockets, 1234, 1234)

    with (
        pytest.raises(EmbeddedServiceError, match=r"somebody else \(user id 1234\)"),
        services_at(data_directory),
    ):
        pass

    assert sockets.stat().st_uid == 1234


@only_root
def test_root_leaves_an_ordinary_users_cluster_alone(data_directory):
    cluster = data_directory / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("18\n")
    os.chown(cluster, 1234, 1234)

    with (
        pytest.raises(EmbeddedServiceError, match="id 1234; run as that user"),
        services_at(data_directory),
    ):
        pass

    assert cluster.stat().st_uid == 1234


@only_root
def test_without_namespaces_root_starts_postgresql_as_nobody_on_the_same_data(
    data_directory, monkeypatch
):
    with services_at(data_directory) as services:
        query(services, "CREATE TABLE kept AS SELECT 7 AS number")
    monkeypatch.setenv("EMBEDDED_ROOT_METHOD", "nobody")

    with services_at(data_directory) as services:
        server = Path(f"/proc/{process_ids(data_directory)[0]}").stat()
        assert query(services, "SELECT number FROM kept") == [(7,)]
    monkeypatch.delenv("EMBEDDED_ROOT_METHOD")
    with services_at(data_directory) as services:
        assert query(services, "SELECT number FROM kept") == [(7,)]

    assert server.st_uid == NOBODY_ID


@only_root
def test_an_ordinary_user_runs_both_services(data_directory):
    # She may read what root may, because this checkout's Python can lie in root's home.
    prefix = [word.replace("dac_override", "dac_read_search") for word in AS_NOBODY]
    data_directory.mkdir()
    os.chown(data_directory, NOBODY_ID, NOBODY_ID)
    holder = subprocess.Popen(
        [*prefix, sys.executable, "-c", HOLD_SERVICES, str(data_directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with holder:
        ready = holder.stdout.readline()
        owners = {Path(f"/proc/{one}").stat().st_uid for one in process_ids(data_directory)}
        _output, complaints = holder.communicate(b"\n")

    assert (ready, complaints, holder.returncode) == (b"ready\n", b"", 0)
    assert owners == {NOBODY_ID}
    assert process_ids(data_directory) == (None, None)


@pytest.mark.parametrize(
    ("name", "running"), [("DATABASE_URL", (False, True)), ("REDIS_URL", (True, False))]
)
def test_only_what_has_no_address_is_started(data_directory, monkeypatch, name, running):
    monkeypatch.setenv(name, "named://elsewhere")

    with services_at(data_directory):
        assert answers(data_directory) == running


def test_a_folder_that_cannot_be_written_names_the_remedy():
    with (
        pytest.raises(EmbeddedServiceError, match="set DATA_DIR to a folder of your own"),
        services_at(Path("/proc/nowhere")),
    ):
        pass


def test_a_command_that_needs_no_service_starts_none(data_directory, settings):
    settings.DATA_DIR = data_directory

    with services_for_command(["manage.py", "help"]):
        assert not data_directory.exists()


def test_a_command_that_reads_rows_has_both_services(data_directory, settings):
    settings.DATA_DIR = data_directory

    with services_for_command(["manage.py", "showmigrations"]):
        assert answers(data_directory) == (True, True)


def test_a_server_that_cannot_start_shows_the_end_of_its_log(data_directory):
    with services_at(data_directory):
        pass
    (data_directory / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense")
    begin = time.monotonic()

    with (
        pytest.raises(EmbeddedServiceError, match=r"(?s)Valkey does not start:.*manifest"),
        services_at(data_directory),
    ):
        pass

    assert answers(data_directory) == (False, False)
    assert time.monotonic() - begin < 30
