"""The JSON names of the scanner's protocol, and their translation; nothing else knows them.

An optional field that has no value is left out: the scanner takes a null for a broken answer.
"""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from api.bodies import Text
from findings.models import Product, Scan
from findings.scans import ScanAnnouncement
from tenants.models import Organization


def _printable_word(text: str) -> str:
    if text.startswith("-") or not text.isprintable() or " " in text:
        raise PydanticCustomError(
            "not_a_word", "must be one printable word that does not begin with a hyphen"
        )
    return text


def _cut(text: Any) -> Any:
    return text.replace("\0", "")[:1000] if isinstance(text, str) else text


def _web_address(text: str) -> str:
    """Return an http address without the password that a remote may carry, else nothing."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"}:
        return ""
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


# Names that rows are found by are refused when they are too long; mere descriptions are cut.
Name = Annotated[Text, StringConstraints(min_length=1, max_length=400)]
Url = Annotated[Text, StringConstraints(max_length=1000), AfterValidator(_web_address)]
Commit = Annotated[str, StringConstraints(max_length=64), AfterValidator(_printable_word)]
Number = Annotated[Text, StringConstraints(max_length=40)]
Description = Annotated[str, BeforeValidator(_cut)]


class Shape(BaseModel):
    """A part of a request; keys that we do not use are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class ProjectMetadata(Shape):
    """What is scanned, as the scanner found it out."""

    repository: Name | None = None
    repo_display_name: Name | None = None
    repo_url: Url | None = None
    branch: Name | None = None
    commit: Commit | None = None
    is_full_scan: bool = True
    pull_request_id: Number | int | None = None
    base_branch_head_commit: Commit | None = None
    base_sha: Commit | None = None
    start_sha: Commit | None = None
    scan_environment: Description | None = None
    on: Description | None = None
    ci_job_url: Url | None = None
    commit_title: Description | None = None
    commit_timestamp: Description | None = None
    commit_author_name: Description | None = None
    commit_author_email: Description | None = None
    commit_author_username: Description | None = None
    pull_request_title: Description | None = None
    pull_request_author_username: Description | None = None
    repo_id: Description | None = None
    org_id: Description | None = None

    @property
    def project_name(self) -> str:
        """The name that the scanner prints in links: a part of a repository has one of its own."""
        return self.repo_display_name or self.repository or ""


class ScanMetadata(Shape):
    """The scanner itself, and its run."""

    unique_id: UUID
    cli_version: Description | None = None
    requested_products: tuple[Text, ...] = ()
    dry_run: bool = False


class CreateScan(Shape):
    """The request that begins a scan."""

    project_metadata: ProjectMetadata
    scan_metadata: ScanMetadata


class CompleteScan(Shape):
    """The request that ends a scan."""

    exit_code: Annotated[int, Field(ge=-32768, le=32767)] = 0
    stats: dict[str, Any] = Field(default_factory=dict)


class EngineError(Shape):
    """The report that the engine failed."""

    exit_code: Annotated[int, Field(ge=-32768, le=32767)] | None = None
    stderr: str = ""


class ClientFailure(Shape):
    """The report that the scanner gave up, and that the job is green all the same."""

    method: str | None = None
    url: str | None = None
    status_code: int | None = None
    error: str | None = None
    request_id: str | None = None
    exit_code: Annotated[int, Field(ge=-32768, le=32767)] | None = None

    @property
    def told(self) -> str:
        """What was asked, how it was answered, and where the scanner gave up."""
        request = " ".join(part for part in (self.method, self.url) if part)
        answer = "" if self.status_code is None else f"answered {self.status_code}"
        return "\n".join(part for part in (request, answer, self.error) if part)


def announcement(request: CreateScan, *, branch: str, products: Sequence[str]) -> ScanAnnouncement:
    """Return what a scan says of itself, in our words; the project's name must be known."""
    project, scan = request.project_metadata, request.scan_metadata
    number = project.pull_request_id
    return ScanAnnouncement(
        unique_id=scan.unique_id,
        project_name=project.project_name,
        project_url=project.repo_url or "",
        branch=branch,
        commit=project.commit or "",
        is_full_scan=project.is_full_scan,
        change_request="" if number is None else str(number),
        merge_base=project.base_branch_head_commit or project.base_sha or "",
        cli_version=(scan.cli_version or "")[:40],
        products=list(products),
        meta=project.model_dump(mode="json", exclude_none=True),
    )


def scan_info(
    *, organization: Organization, products: Sequence[str], scan: Scan | None
) -> dict[str, Any]:
    """Return `info`; a dry run makes no scan and gets no id."""
    info: dict[str, Any] = {
        "enabled_products": list(products),
        "deployment_id": organization.pk,
        "deployment_name": organization.slug,
    }
    return info if scan is None else {**info, "id": scan.pk}


def deployment(organization: Organization) -> dict[str, Any]:
    """Return the organization as the scanner knows it; its `name` stands in printed links."""
    return {
        "deployment": {
            "id": organization.pk,
            "name": organization.slug,
            "slug": organization.slug,
            "display_name": organization.name,
            "organization_id": organization.pk,
        }
    }


def versions(*, newest: str, oldest: str) -> dict[str, Any]:
    """Return which scanners we know to work."""
    return {
        "latest": newest,
        "versions": {"latest": newest, "minimum": oldest},
        "banners": [],
        "no_findings_msg": "",
    }


def configuration(
    *,
    definitions: Sequence[dict[str, Any]],
    ignored_match_based_ids: Sequence[str],
    ignored_syntactic_ids: Sequence[str],
    path_ignores: Sequence[str],
) -> dict[str, Any]:
    """Return what to scan with: `config` and `engine_params`."""
    return {
        "config": {
            "rules": {"rules": list(definitions)},
            "triage_ignored_match_based_ids": list(ignored_match_based_ids),
            "triage_ignored_syntactic_ids": list(ignored_syntactic_ids),
        },
        "engine_params": {
            # Without it data-flow steps come as "<code omitted>" and rule fixes not at all.
            "autofix": True,
            "product_ignored_files": [[product, list(path_ignores)] for product in Product.values],
        },
    }


def results_received(*, task_id: str, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Answer an upload that is stored; the scanner prints the warnings."""
    return {"errors": [{"message": text} for text in warnings], "task_id": task_id}


def still_processing() -> dict[str, Any]:
    """Answer that the scanner should ask again."""
    return {"success": False}


def completed(*, reason: str, match_based_ids: Sequence[str]) -> dict[str, Any]:
    """Answer that the scan is done; a blank reason lets it pass."""
    return {
        "success": True,
        "app_block_override": bool(reason),
        "app_block_reason": reason,
        "app_blocking_match_based_ids": list(match_based_ids),
    }
