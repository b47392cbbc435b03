"""The git repository behind the stand-in: commits, trees, files and diffs."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integrations.repositories import git as plain_git


@dataclass(frozen=True)
class CommitFacts:
    """One commit."""

    sha: str
    tree: str
    parents: list[str]
    author_name: str
    author_email: str
    author_date: str
    committer_name: str
    committer_email: str
    committer_date: str
    message: str


@dataclass(frozen=True)
class FileDiff:
    """What a diff says of one file; `patch` is None where GitHub shows none (binary, too large)."""

    path: str
    old_path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None


LINK_MODE = "120000"


class NotInGitError(Exception):
    """No such commit, path or branch."""


_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{80}")
_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied"}
_STATUS |= {"T": "changed"}


class GitStore:
    """A repository on disk, with or without a work tree."""

    def __init__(self, path: Path):
        self.path = path
        self._known: dict[tuple[str, ...], Any] = {}

    def run(self, *arguments: str) -> str:
        """Run git and return what it says."""
        try:
            return plain_git(self.path, *arguments)
        except subprocess.CalledProcessError as error:
            raise NotInGitError(error.stderr.decode()) from error

    def raw(self, *arguments: str, given: bytes | None = None, index: str = "") -> bytes:
        """Run git and return its bytes; `index` names an index file of its own."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Mel",
            "GIT_AUTHOR_EMAIL": "mel@acme.example",
            "GIT_COMMITTER_NAME": "Mel",
            "GIT_COMMITTER_EMAIL": "mel@acme.example",
        }
        if index:
            environment["GIT_INDEX_FILE"] = index
        done = subprocess.run(
            ["git", "-C", str(self.path), "-c", "core.quotePath=false", *arguments],
            input=given,
            capture_output=True,
            check=False,
            env=environment,
        )
        if done.returncode:
            raise NotInGitError(done.stderr.decode())
        return done.stdout

    def resolve(self, ref: str) -> str:
        """Return the commit of a branch, tag or commit id."""
        if not ref or ref.startswith("-"):
            raise NotInGitError(ref)
        options = ("--verify", "--quiet", "--end-of-options")
        return self._once(self.run, "rev-parse", *options, f"{ref}^{{commit}}", of=ref)

    def branch(self, name: str) -> str:
        """Return the commit at the head of a branch."""
        return self.resolve(f"refs/heads/{name}")

    def branches(self) -> list[str]:
        """Return the names of all branches."""
        return self.run("for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()

    def holds(self, sha: str) -> bool:
        """Say whether a full commit id is in the repository."""
        try:
            return bool(re.fullmatch(r"[0-9a-f]{40}", sha)) and self.resolve(sha) == sha
        except NotInGitError:
            return False

    def commit(self, sha: str) -> CommitFacts:
        """Return the facts of a commit."""
        return self._once(self._commit, sha, of=sha)

    def _commit(self, sha: str) -> CommitFacts:
        text = self.run(
            "show", "-s", "--format=%H%n%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B", sha, "--"
        )
        facts = text.split("\n", 9)
        return CommitFacts(
            facts[0], facts[1], facts[2].split(), *facts[3:9], facts[9] if len(facts) > 9 else ""
        )

    def merge_base(self, one: str, other: str) -> str:
        """Return the commit where two lines of work parted."""
        return self._once(self.run, "merge-base", one, other, of=one + other)

    def commits_between(self, base: str, head: str) -> list[str]:
        """Return the commits of `head` that `base` has not, oldest first."""
        span = f"{base}..{head}"
        return self._once(self.run, "rev-list", "--reverse", span, of=base + head).splitlines()

    def _once(self, read: Callable[..., Any], *arguments: str, of: str) -> Any:
        """Return what was read before `of` commits, where their ids are full: it never changes."""
        if not _FULL.fullmatch(of):
            return read(*arguments)
        key = (read.__name__, *arguments)
        if key not in self._known:
            self._known[key] = read(*arguments)
        return self._known[key]

    def read(self, ref: str, path: str) -> bytes:
        """Return the bytes of a file at a commit."""
        commit = self.resolve(ref)
        blob: bytes = self._once(self.raw, "cat-file", "blob", f"{commit}:{path}", of=commit)
        return blob

    def object_at(self, ref: str, path: str) -> tuple[str, str]:
        """Return kind (blob, tree or commit) and id of what a path names at a commit."""
        commit = self.resolve(ref)
        listed = self._once(self.run, "ls-tree", commit, "--", path, of=commit)
        if not listed:
            raise NotInGitError(path)
        _mode, kind, sha = listed.partition("\t")[0].split()
        return kind, sha

    def is_link(self, ref: str, path: str) -> bool:
        """Say whether a path is a symbolic link."""
        return self.run("ls-tree", self.resolve(ref), "--", path).startswith(LINK_MODE)

    def list_folder(self, ref: str, path: str) -> list[tuple[str, str, str, int]]:
        """Return kind (a link's is `link`), id, path and size of what a folder holds."""
        folder = f"{path.rstrip('/')}/" if path else ""
        where = ["--", folder] if folder else []
        rows = self.run("ls-tree", "-l", self.resolve(ref), *where).splitlines()
        found = []
        for row in rows:
            facts, _, name = row.partition("\t")
            mode, kind, sha, size = facts.split()
            kind = "link" if mode == LINK_MODE else kind
            found.append((kind, sha, name, 0 if size == "-" else int(size)))
        return found

    def write_blob(self, content: bytes) -> str:
        """Store bytes and return their id."""
        return self.raw("hash-object", "-w", "--stdin", given=content).decode().strip()

    def write_tree(
        self,
        base: str | None,
        entries: Mapping[str, str | None],
        modes: Mapping[str, str] | None = None,
    ) -> str:
        """Make a tree from `base` (commit or tree) with paths set to blobs; None removes one."""
        modes = modes or {}
        with tempfile.TemporaryDirectory() as folder:
            index = f"{folder}/index"
            if base:
                self.raw("read-tree", base, index=index)
            lines = [
                f"{modes.get(path, '100644')} {sha}\t{path}\0" if sha else f"0 {'0' * 40}\t{path}\0"
                for path, sha in entries.items()
            ]
            given = "".join(lines).encode()
            self.raw("update-index", "-z", "--add", "--index-info", given=given, index=index)
            return self.raw("write-tree", index=index).decode().strip()

    def write_commit(self, tree: str, parents: list[str], message: str) -> str:
        """Store a commit and return its id; no branch moves."""
        options = [word for parent in parents for word in ("-p", parent)]
        made = self.raw("commit-tree", tree, *options, given=message.encode())
        return made.decode().strip()

    def move_branch(self, name: str, sha: str) -> None:
        """Let a branch point at a commit; a work tree that shows it follows."""
        self.run("update-ref", f"refs/heads/{name}", sha)
        if (self.path / ".git").is_dir() and self.run("symbolic-ref", "-q", "HEAD").endswith(
            f"refs/heads/{name}"
        ):
            self.run("reset", "--quiet", "--hard")

    def drop_branch(self, name: str) -> None:
        """Delete a branch; its commits stay."""
        self.run("update-ref", "-d", f"refs/heads/{name}")

    def commit_files(
        self, parent: str | None, files: Mapping[str, str | bytes | None], message: str
    ) -> str:
        """Make a commit on `parent` that sets files; None removes one."""
        entries = {
            path: None
            if content is None
            else self.write_blob(content if isinstance(content, bytes) else content.encode())
            for path, content in files.items()
        }
        listed = self.run("ls-tree", "-r", parent).splitlines() if parent else []
        modes = {row.partition("\t")[2]: row.split()[0] for row in listed}
        tree = self.write_tree(parent, entries, modes)
        return self.write_commit(tree, [parent] if parent else [], message)

    def diff(self, base: str, head: str) -> list[FileDiff]:
        """Return what `head` changes since it parted from `base` (GitHub's three dots)."""
        found: list[FileDiff] = self._once(self._diff, self.merge_base(base, head), head, of=head)
        return found

    def forget(self) -> None:
        """Let go of what was read of commits that may be gone."""
        self._known.clear()

    def merged_tree(self, base: str, head: str) -> str:
        """Return the tree of a merge without conflicts."""
        return self.raw("merge-tree", "--write-tree", base, head).decode().split()[0]

    def _diff(self, base: str, head: str) -> list[FileDiff]:
        options = ["-M", "--full-index", base, head]
        rows = self.raw("diff", "--raw", "-z", "--abbrev=40", *options).decode().split("\0")
        patches = _split_patch(self.raw("diff", *options).decode("utf-8", "replace"))
        found = []
        rows.reverse()
        while rows and (row := rows.pop()):
            _old_mode, _new_mode, _old, new, letter = row.split()
            old_path = rows.pop()
            path = rows.pop() if letter[0] in "RC" else old_path
            patch = patches[len(found)]
            sha = new if letter != "D" else row.split()[2]
            found.append(_file_diff(path, old_path, _STATUS[letter[0]], sha, patch))
        return found


def _split_patch(text: str) -> list[str | None]:
    """Return the hunks of each file, in the order of the diff."""
    parts = re.split(r"^diff --git .*\n", text, flags=re.MULTILINE)[1:]
    found: list[str | None] = []
    for part in parts:
        start = re.search(r"^@@ ", part, flags=re.MULTILINE)
        found.append(part[start.start() :].removesuffix("\n") if start else None)
    return found


def _file_diff(path: str, old_path: str, status: str, sha: str, patch: str | None) -> FileDiff:
    lines = (patch or "").split("\n")
    return FileDiff(
        path=path,
        old_path=old_path,
        status=status,
        sha=sha,
        additions=sum(line.startswith("+") for line in lines),
        deletions=sum(line.startswith("-") for line in lines),
        patch=patch,
    )
