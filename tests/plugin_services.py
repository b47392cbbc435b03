"""A pytest plugin: the embedded services, started before Django's settings are read.

pytest-django imports the settings before any conftest's `pytest_configure`, so the addresses
must stand in the environment earlier. Workers of pytest-xdist use those of their controller.
"""

import atexit
import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parent.parent / ".cache"
_stack = contextlib.ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests():
    if os.environ.get("PYTEST_XDIST_WORKER") or os.environ.get("DATABASE_URL"):
        return
    from assistant_platform.embedded import running_services

    # pytest does not call `pytest_unconfigure` when Django cannot be set up.
    atexit.register(_stack.close)
    data_directory = Path(tempfile.mkdtemp(prefix="assistant-tests-"))
    _stack.callback(shutil.rmtree, data_directory, ignore_errors=True)
    kept = _kept_cluster()
    if kept.exists():
        # As root the files are another user's, and stay so.
        subprocess.run(["cp", "-a", str(kept), str(data_directory / "postgres")], check=True)
    _stack.callback(_keep_cluster, data_directory, kept)
    services = _stack.enter_context(running_services(data_directory, durable=False))
    _stack.callback(shutil.rmtree, services.addresses.socket_directory, ignore_errors=True)
    os.environ["DATA_DIR"] = os.environ["TESTS_DIR"] = str(data_directory)
    os.environ["DATABASE_URL"] = services.database_url
    os.environ["REDIS_URL"] = services.redis_url


def pytest_unconfigure():
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        _stack.close()


def _kept_cluster():
    """Return where a cluster is kept that is migrated as far as the sources are today.

    A run begins with it where there is one: its pattern (`tests.databases`) takes half a minute.
    """
    root = CACHE.parent
    sources = [*root.glob("*/migrations/*.py"), *root.glob("requirements/*.txt")]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return CACHE / f"tests-cluster-{digest.hexdigest()[:16]}"


def _keep_cluster(data_directory, kept):
    """Keep the cluster of this run for the next ones, if it has the pattern and little else."""
    has_pattern = (data_directory / "pattern.made").exists()
    if kept.exists() or not has_pattern or (data_directory / "pattern.copied").exists():
        return
    for old in CACHE.glob("tests-cluster-*"):
        shutil.rmtree(old, ignore_errors=True)
    CACHE.mkdir(exist_ok=True)
    with contextlib.suppress(OSError):  # another run was quicker
        (data_directory / "postgres").rename(kept)
