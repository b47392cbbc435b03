"""Runs the real `semgrep ci` against the platform, as a CI job would."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

PROJECT = "acme/shop"
PROJECT_URL = "https://code.shop.example/acme/shop"
CHANGE_TITLE = "Sell gift cards"


class ScanFailedError(RuntimeError):
    """The scanner ended with an error; the message holds what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanJob:
    """What a CI job would give the scanner."""

    repository: Path
    token: str
    url: str

    def run(self, *, branch: str, baseline: str = "", change_request: str = "") -> int:
        """Scan the checked-out commit; return the exit code, 0 or 1 (blocking findings)."""
        with tempfile.TemporaryDirectory(prefix="assistant-scan-") as home:
            result = subprocess.run(
                [settings.SEMGREP_PROGRAM, "ci", "--oss-only", "--no-suppress-errors"],
                check=False,
                cwd=self.repository,
                env=self._environment(home, branch, baseline, change_request),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
        if result.returncode not in (0, 1):
            raise ScanFailedError(
                f"semgrep ci ended with {result.returncode}:\n{result.stdout}{result.stderr}"
            )
        return result.returncode

    def _environment(
        self, home: str, branch: str, baseline: str, change_request: str
    ) -> dict[str, str]:
        values = {
            "PATH": f"{Path(settings.SEMGREP_PROGRAM).parent}:{os.environ.get('PATH', '')}",
            "HOME": home,
            "LANG": "C.UTF-8",
            "SEMGREP_APP_URL": self.url,
            "SEMGREP_APP_TOKEN": self.token,
            "SEMGREP_VERSION_CHECK_URL": f"{self.url}/api/check-version",
            "SEMGREP_FAIL_OPEN_URL": self.url,
            "SEMGREP_SEND_METRICS": "off",
            "SEMGREP_REPO_NAME": PROJECT,
            "SEMGREP_REPO_URL": PROJECT_URL,
            "SEMGREP_BRANCH": branch,
        }
        if baseline:
            values["SEMGREP_BASELINE_REF"] = baseline
            values["SEMGREP_PR_ID"] = change_request
            values["SEMGREP_PR_TITLE"] = CHANGE_TITLE
        return values
