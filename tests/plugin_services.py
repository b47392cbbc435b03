"""A pytest plugin: the embedded services, started before Django's settings are read.

pytest-django imports the settings before any conftest's `pytest_configure`, so the addresses
must stand in the environment earlier. Workers of pytest-xdist use those of their controller.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

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
    services = _stack.enter_context(running_services(data_directory, durable=False))
    _stack.callback(shutil.rmtree, services.addresses.socket_directory, ignore_errors=True)
    os.environ["DATA_DIR"] = os.environ["TESTS_DIR"] = str(data_directory)
    os.environ["DATABASE_URL"] = services.database_url
    os.environ["REDIS_URL"] = services.redis_url


def pytest_unconfigure():
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        _stack.close()
