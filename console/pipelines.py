"""The pipelines that people copy into their repositories so that scans reach us."""

import json
from dataclasses import dataclass

from django.conf import settings

SCANNER_IMAGE = "semgrep/semgrep:1.182.0"
COMMAND = "semgrep ci --oss-only --metrics=off"
DEFAULT_BRANCH = "main"

_GITHUB = """\
name: Code scan
on:
  pull_request: {{}}
  push:
    branches: [{branch}]
jobs:
  scan:
    # Runs that Dependabot starts are given no secrets.
    if: github.actor != 'dependabot[bot]'
    runs-on: ubuntu-latest
    permissions:
      contents: read
    container:
      image: {image}
    steps:
      - uses: actions/checkout@v4
      - run: {command}
        env:
          SEMGREP_APP_URL: {url}
          SEMGREP_APP_TOKEN: ${{{{ secrets.SEMGREP_APP_TOKEN }}}}
"""
_GITLAB = """\
code-scan:
  image: {image}
  variables:
    SEMGREP_APP_URL: {url}
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == {branch}
  script:
    - {command}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One pipeline, where it belongs, and where its secret is entered."""

    label: str
    path: str
    text: str
    secret_place: str


def pipelines_for(*, branch: str) -> list[Pipeline]:
    """Return the pipelines of GitHub and GitLab that scan pushes to `branch`, and changes."""
    values = {
        # A branch may be named anything: as JSON it is one text in YAML, too.
        "branch": json.dumps(branch or DEFAULT_BRANCH),
        "url": json.dumps(settings.PUBLIC_URL),
        "image": SCANNER_IMAGE,
        "command": COMMAND,
    }
    return [
        Pipeline(
            label="GitHub Actions",
            path=".github/workflows/code-scan.yml",
            text=_GITHUB.format(**values),
            secret_place="Settings, Secrets and variables, Actions, as a repository secret",  # noqa: S106 where people enter it
        ),
        Pipeline(
            label="GitLab CI",
            path=".gitlab-ci.yml",
            text=_GITLAB.format(**values),
            secret_place="Settings, CI/CD, Variables, masked and not protected",  # noqa: S106 where people enter it
        ),
    ]
