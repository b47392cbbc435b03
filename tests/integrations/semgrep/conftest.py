"""Small programs in the scanner's place."""

import pytest


@pytest.fixture
def program(tmp_path, settings):
    """Return a function that puts a shell script in the scanner's place."""

    def put(script):
        path = tmp_path / "scanner"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        settings.SEMGREP_PROGRAM = str(path)
        settings.SANDBOX_FOLDERS = [str(tmp_path)]  # scripts keep logs there
        return path

    return put
