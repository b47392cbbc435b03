"""Real git repositories for tests."""

import os
import subprocess


def git(repository, *arguments, given=None):
    """Run git in a repository, with no configuration but its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(repository),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Mel",
        "GIT_AUTHOR_EMAIL": "mel@acme.example",
        "GIT_COMMITTER_NAME": "Mel",
        "GIT_COMMITTER_EMAIL": "mel@acme.example",
    }
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        input=given,
        capture_output=True,
        check=True,
        env=environment,
    )
    return done.stdout.decode().strip()


def make_repository(folder, files):
    """Make a repository with one commit of `files` (path to text or bytes)."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return commit_files(folder, files)


def commit_files(folder, files):
    """Write files, commit everything and return the commit's id."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Change")
    return git(folder, "rev-parse", "HEAD")
