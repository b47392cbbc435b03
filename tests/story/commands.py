"""Management commands for the stories, run one after another by one process.

A process of its own for each command would spend two seconds of processor time on imports, and
the stories run a hundred of them. Each line of input is a command as a JSON list; its answer is a
line too: the exit code, what the command printed, and what it told of errors.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

ROOT = Path(__file__).resolve().parents[2]


class Commands:
    """The process that runs the commands of one platform; it starts with the first one."""

    def __init__(self, environment):
        self._environment = environment
        self._process = None

    def run(self, *arguments):
        """Run `manage.py` with these arguments; return its exit code, output and errors."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.story.commands"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            self.close()
            raise AssertionError(f"manage.py {arguments[0]} raised; see what it told of errors.")
        return json.loads(answer)

    def close(self):
        """End the process; another command would start it again."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


def run(arguments):
    """Run one command as the command line does; return its exit code, output and errors."""
    output, errors, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as ended:
            code = ended.code
    return code, output.getvalue(), errors.getvalue()


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant_platform.settings")
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
