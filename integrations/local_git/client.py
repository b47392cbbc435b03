"""Reads objects of a git repository on this machine, with a git that trusts nothing it finds.

The repository's own configuration can name programs to run and hosts to fetch from. No network
protocol is allowed, nothing but plumbing that starts no hook, pager, filter or text conversion is
called, and nothing of our environment reaches it.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from integrations.codehosts import CodeHostBusyError

TIMEOUT_SECONDS = 15


class GitFailedError(Exception):
    """Git ended with an error; its words stay out of pages and logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """What stands at a path of a commit."""

    mode: str
    kind: str
    object_id: str
    size: int | None
    """In bytes; None for what is not a blob."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitClient:
    """One repository: the folder `location`, and none above it."""

    location: Path

    def is_repository(self) -> bool:
        """Say whether the folder itself is a git repository or a work tree of one."""
        try:
            self._run("rev-parse", "--git-dir")
        except GitFailedError:
            return False
        return True

    def find_commit(self, commit: str) -> str | None:
        """Return the full id of a commit given as hex, or None when there is none.

        The name travels on standard input, where nothing is an option.
        https://git-scm.com/docs/git-cat-file#_batch_output
        """
        answer = self._run("cat-file", "--batch-check", given=f"{commit}^{{commit}}\n".encode())
        words = answer.decode("ascii", "replace").split()
        # A branch may be named like the beginning of a commit id, and would win.
        is_commit = len(words) == 3 and words[1] == "commit" and words[0].startswith(commit)
        return words[0] if is_commit else None

    def find_entry(self, *, commit: str, path: str) -> TreeEntry | None:
        """Return what stands at `path`, not followed if it is a link; None when nothing does.

        https://git-scm.com/docs/git-ls-tree#_output_format
        """
        arguments = ("ls-tree", "-l", "-z", "--full-tree", "--end-of-options", commit, "--", path)
        answer = self._run(*arguments).split(b"\0")[0]
        if not answer:
            return None
        mode, kind, object_id, size = answer.split(b"\t")[0].decode("ascii").split()
        return TreeEntry(
            mode=mode, kind=kind, object_id=object_id, size=int(size) if size.isdigit() else None
        )

    def read_blob(self, object_id: str) -> bytes:
        """Return the bytes of a blob as they are stored: no filter, no text conversion."""
        return self._run("cat-file", "blob", object_id)

    def _run(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["git", "--no-pager", "--literal-pathspecs", "--no-replace-objects"]
        for setting in (
            f"safe.directory={self.location}",
            "protocol.allow=never",
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "core.alternateRefsCommand=",
            "core.attributesFile=/dev/null",
        ):
            command += ["-c", setting]
        command += ["-C", str(self.location), *arguments]
        try:
            done = subprocess.run(
                command,
                input=given,
                capture_output=True,
                check=False,
                timeout=TIMEOUT_SECONDS,
                env=self._environment(),
            )
        except subprocess.TimeoutExpired as error:
            raise CodeHostBusyError("Git did not answer in time.") from error
        except OSError as error:
            raise GitFailedError from error
        if done.returncode != 0:
            raise GitFailedError
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C",
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            # Wins over every `protocol.*.allow` of the repository: no protocol has this name.
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_CEILING_DIRECTORIES": str(self.location.parent),
        }
