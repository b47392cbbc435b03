"""Services of a run's own, migrated and empty, and the programs that are measured on them."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant_platform.embedded import running_services

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def own_services() -> Iterator[None]:
    """Start PostgreSQL and Valkey in a folder that is gone afterwards; `run` finds them."""
    directory = Path(tempfile.mkdtemp(prefix="assistant-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant_platform.settings")
    os.environ["DATA_DIR"] = str(directory)
    os.environ["STATIC_ROOT"] = str(directory / "static")
    try:
        with running_services(directory, durable=True) as services:
            os.environ["DATABASE_URL"] = services.database_url
            os.environ["REDIS_URL"] = services.redis_url
            run("manage.py", "migrate", "--verbosity", "0")
            yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def run(*arguments: str) -> str:
    """Run Python with these arguments; return what it printed, or end with that if it fails."""
    process = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if process.returncode:
        sys.exit(process.stdout + process.stderr)
    return process.stdout
