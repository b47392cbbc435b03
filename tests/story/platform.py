"""The whole platform as processes, and a CI job's checkout to scan with the real scanner."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.story.commands import ROOT, Commands

SEMGREP = Path(os.environ.get("SEMGREP_PROGRAM") or ROOT / ".venv-semgrep/bin/semgrep")
# Another Ada than that of the demo, who has a password of her own.
ADMIN = {"email": "ada@stories.example", "password": "correct horse battery staple"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Tenant:
    """An organization on the running platform."""

    slug: str
    ci_token: str
    api_token: str


@dataclass
class Platform:
    """`make serve` on a port and a data directory of its own."""

    data_directory: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None
    settings: dict = field(default_factory=dict)
    commands: Commands | None = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self):
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
            and not name.startswith(("PYTEST", "OPENAI", "ASSISTANT"))
        }
        return {
            **inherited,
            "DATA_DIR": str(self.data_directory),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "ALLOW_LOCAL_REPOSITORIES": "1",
            **self.settings,
        }

    def start(self):
        log = (self.data_directory / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "assistant_platform.supervisor", "serve"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.wait_for(self.is_ready, what="readiness", seconds=120)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError((self.data_directory / "serve.log").read_text()[-4000:])
        with contextlib.suppress(urllib.error.URLError, OSError):
            return urllib.request.urlopen(f"{self.url}/readyz", timeout=5).status == 200
        return False

    def stop(self):
        if self.commands is not None:
            self.commands.close()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    @staticmethod
    def wait_for(condition, *, what, seconds=90):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            result = condition()
            if result:
                return result
            time.sleep(0.2)
        raise AssertionError(f"No {what} within {seconds} s.")

    def manage(self, *arguments):
        """Run a management command in the one process that runs them all; return its output."""
        if self.commands is None:
            self.commands = Commands(self.environment)
        code, output, errors = self.commands.run(*arguments)
        assert code == 0, output + errors
        return output

    def manage_apart(self, *arguments):
        """Run a management command as an operator does: in a process of its own."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=False,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def create_tenant(self, slug):
        made = json.loads(
            self.manage(
                "create_organization",
                slug,
                "--name",
                slug.title(),
                "--admin-email",
                ADMIN["email"],
                "--admin-password",
                ADMIN["password"],
                "--json",
            )
        )
        return Tenant(slug=slug, ci_token=made["ci_token"], api_token=made["api_token"])

    def api(self, tenant, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/api/v1/deployments/{tenant.slug}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {tenant.api_token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def findings(self, tenant, query=""):
        return self.api(tenant, f"/findings?page_size=3000&dedup=true{query}")["findings"]

    def are_all_judged(self, tenant, query="&status=open"):
        rows = self.findings(tenant, query)
        return bool(rows) and all("autotriage" in row.get("assistant", {}) for row in rows)


@contextlib.contextmanager
def running_platform(**settings):
    data_directory = Path(tempfile.mkdtemp(prefix="assistant-story-"))
    platform = Platform(data_directory=data_directory, settings=settings)
    try:
        platform.start()
        yield platform
    finally:
        platform.stop()
        shutil.rmtree(data_directory, ignore_errors=True)


@dataclass
class Checkout:
    """A repository with an `origin`, as a CI job has it."""

    path: Path

    @classmethod
    def create(cls, folder, files):
        origin = folder / "origin.git"
        path = folder / "checkout"
        path.mkdir(parents=True)
        subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
        checkout = cls(path=path)
        checkout.git("init", "-q", "-b", "main")
        checkout.git("remote", "add", "origin", str(origin))
        subprocess.run(
            ["git", "-C", str(origin), "config", "uploadpack.allowAnySHA1InWant", "true"],
            check=True,
        )
        checkout.commit(files)
        return checkout

    def git(self, *arguments):
        identity = {
            "GIT_AUTHOR_NAME": "Dev",
            "GIT_AUTHOR_EMAIL": "dev@example.com",
            "GIT_COMMITTER_NAME": "Dev",
            "GIT_COMMITTER_EMAIL": "dev@example.com",
        }
        result = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **identity},
        )
        return result.stdout.strip()

    def commit(self, files, *, remove=()):
        """Write and remove files, commit, push; return the commit."""
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        for name in remove:
            (self.path / name).unlink()
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "Change")
        self.git("push", "-q", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")


def scan(platform, checkout, token, *, extra=None, options=(), program=SEMGREP):
    """Run the unmodified `semgrep ci`; return its exit code and all that it printed."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": f"{program.parent}:/usr/bin:/bin",
            "HOME": home,
            "LANG": "C.UTF-8",
            "SEMGREP_APP_URL": platform.url,
            "SEMGREP_APP_TOKEN": token,
            "SEMGREP_VERSION_CHECK_URL": f"{platform.url}/api/check-version",
            "SEMGREP_FAIL_OPEN_URL": platform.url,
            "SEMGREP_SEND_METRICS": "off",
            **(extra or {}),
        }
        result = subprocess.run(
            [str(program), "ci", "--oss-only", "--no-suppress-errors", *options],
            check=False,
            cwd=checkout.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    return result.returncode, result.stdout + result.stderr


def plain_git(branch):
    return {"SEMGREP_REPO_NAME": "acme/shop", "SEMGREP_BRANCH": branch}


def github_push(commit):
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_SERVER_URL": "https://github.example.com",
        "GITHUB_SHA": commit,
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_RUN_ID": "9001",
    }


def github_pull_request(checkout, *, branch, head, number):
    base = checkout.git("rev-parse", "main")
    event = checkout.path.parent / f"event-{number}.json"
    pull_request = {
        "number": number,
        "title": "Sell gift cards",
        "head": {"ref": branch, "sha": head},
        "base": {"ref": "main", "sha": base},
        "user": {"login": "dev", "avatar_url": "https://avatars.example.com/u/1"},
    }
    event.write_text(json.dumps({"pull_request": pull_request, "sender": {"login": "dev"}}))
    return {
        **github_push(head),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REF": f"refs/pull/{number}/merge",
        "GITHUB_HEAD_REF": branch,
        "GITHUB_BASE_REF": "main",
    }


def gitlab_merge_request(checkout, *, branch, head, number):
    host = "http://gitlab-ci-token:job-token@gitlab.example.com/acme/shop"
    return {
        "GITLAB_CI": "true",
        "CI": "true",
        "CI_PROJECT_PATH": "acme/shop",
        "CI_PROJECT_URL": "http://gitlab.example.com/acme/shop",
        "CI_MERGE_REQUEST_PROJECT_URL": "http://gitlab.example.com/acme/shop",
        "CI_JOB_TOKEN": "job-token",
        "CI_JOB_URL": "http://gitlab.example.com/acme/shop/-/jobs/1",
        "CI_COMMIT_SHA": head,
        "CI_COMMIT_REF_NAME": branch,
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": str(number),
        "CI_MERGE_REQUEST_TITLE": "Sell gift cards",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": branch,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": checkout.git("merge-base", "main", "HEAD"),
        # The scanner fetches the target branch from the host: let git take it from our origin.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{checkout.path.parent / 'origin.git'}.insteadOf",
        "GIT_CONFIG_VALUE_0": host,
    }
