"""Makes the sample shop's git repository: the shop on `main`, and a change request's branch.

Authors and dates are fixed, so that the commits are the same on every machine and a second run
of the demo finds what the first one left.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SHOP = Path(__file__).resolve().parent / "shop"
CHANGE = Path(__file__).resolve().parent / "change"
BRANCH = "feature/gift-cards"
AUTHOR = {
    "GIT_AUTHOR_NAME": "Sam Shop",
    "GIT_AUTHOR_EMAIL": "sam@shop.example",
    "GIT_COMMITTER_NAME": "Sam Shop",
    "GIT_COMMITTER_EMAIL": "sam@shop.example",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRepository:
    """The repository and the two commits that are scanned."""

    path: Path
    main_commit: str
    change_commit: str


def git(repository: Path, *arguments: str, date: str = "2026-11-02T09:00:00+00:00") -> str:
    """Run git in a repository, as the sample's author, and return what it printed."""
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        **AUTHOR,
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
    }
    result = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return result.stdout.strip()


def make_repository(path: Path) -> SampleRepository:
    """Make the repository anew at `path`, with `main` checked out."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(SHOP, path)
    git(path, "init", "--quiet", "--initial-branch", "main")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", "The shop")
    main_commit = git(path, "rev-parse", "HEAD")
    git(path, "switch", "--quiet", "--create", BRANCH)
    # Without the files' times: git would take a text of equal size and time for the one it knows.
    shutil.copytree(CHANGE, path, dirs_exist_ok=True, copy_function=shutil.copyfile)
    git(path, "add", "--all")
    date = "2026-11-16T15:30:00+00:00"
    git(path, "commit", "--quiet", "--message", "Sell gift cards", date=date)
    change_commit = git(path, "rev-parse", "HEAD")
    git(path, "switch", "--quiet", "main")
    return SampleRepository(path=path, main_commit=main_commit, change_commit=change_commit)
