"""The JSON names of the public API, and their translation from our words; nothing else knows them.

A finding is an "issue" here and an organization a "deployment", as clients of this API know them.
Answers are written with the fields that were set: what is not known is left out, unless its
name says that it may be null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from api.v1.assistant_shapes import Assistant, Moment, Row, Shape, assistant_of
from api.v1.change_request_shapes import (
    ClickToFixFailure,
    ClickToFixPr,
    ReviewComment,
    comment_of,
    failed,
    opened,
)
from findings.models import Confidence, Instance, Severity
from tenants.models import Organization


class Ping(Shape):
    """We are here."""

    ok: bool = True


class Link(Shape):
    """Where to read on."""

    url: str


class Deployment(Shape):
    """An organization."""

    id: int
    slug: str
    name: str
    findings: Link


class Deployments(Shape):
    """The organizations of a token: exactly one."""

    deployments: list[Deployment]

    @classmethod
    def of(cls, organization: Organization, *, findings_url: str) -> Self:
        """Return the answer for a token of `organization`."""
        one = Deployment(
            id=organization.pk,
            slug=organization.slug,
            name=organization.name,
            findings=Link(url=findings_url),
        )
        return cls(deployments=[one])


class Repository(Shape):
    """A project."""

    name: str
    url: str


class Location(Shape):
    """Where a match is: lines and columns are 1-based, `end_column` is exclusive."""

    file_path: str
    line: int
    column: int
    end_line: int
    end_column: int


class SourcingPolicy(Shape):
    """The policy that served the rule."""

    id: int
    name: str
    slug: str


class RuleShape(Shape):
    """What the rule says of itself."""

    name: str
    message: str
    confidence: str
    category: str
    subcategories: list[str]
    vulnerability_classes: list[str]
    cwe_names: list[str]
    owasp_names: list[str]


class Finding(Shape):
    """A finding on one ref."""

    id: int
    ref: str
    first_seen_scan_id: int | None
    syntactic_id: str
    match_based_id: str
    review_comments: list[ReviewComment]
    repository: Repository
    line_of_code_url: str
    triage_state: str
    state: str
    status: str
    severity: str
    confidence: str
    categories: list[str]
    created_at: Moment
    relevant_since: Moment
    state_updated_at: Moment
    triaged_at: Moment | None
    triage_comment: str | None
    triage_reason: str | None
    rule_name: str
    rule_message: str
    location: Location
    sourcing_policy: SourcingPolicy | None = None
    rule: RuleShape
    assistant: Assistant | None = None
    click_to_fix_prs: list[ClickToFixPr]
    click_to_fix_failures: list[ClickToFixFailure]


class Findings(Shape):
    """One page of findings."""

    findings: list[Finding]


class Triaged(Shape):
    """What was triaged."""

    num_triaged: int
    triaged_issues: list[int]


def finding(row: Row) -> Finding:
    """Return the shape of a row."""
    one = row.instance
    whole = one.finding
    metadata = one.rule.metadata
    known: dict[str, Any] = {}
    if policy := _policy(metadata):
        known["sourcing_policy"] = policy
    if assistant := assistant_of(row):
        known["assistant"] = assistant
    return Finding(
        id=whole.pk,
        ref=full_ref(one.ref.name),
        first_seen_scan_id=one.first_scan_id,
        syntactic_id=one.syntactic_id,
        match_based_id=one.match_based_id,
        review_comments=[comment_of(comment) for comment in row.comments],
        repository=Repository(name=whole.project.name, url=whole.project.url),
        line_of_code_url=row.line_url,
        triage_state=whole.triage_state,
        state=one.state,
        status=row.status,
        severity=_word(Severity(whole.severity)),
        confidence=_confidence(whole.confidence),
        categories=[one.rule.category] if one.rule.category else [],
        created_at=one.created_at,
        relevant_since=one.relevant_since,
        state_updated_at=whole.state_updated_at,
        triaged_at=whole.triaged_at,
        triage_comment=whole.triage_note or None,
        triage_reason=whole.triage_reason or None,
        rule_name=one.rule.check_id,
        rule_message=whole.message,
        location=_location(one),
        rule=_rule(one),
        click_to_fix_prs=opened(row.fix_requests),
        click_to_fix_failures=failed(row.fix_requests),
        **known,
    )


def full_ref(name: str) -> str:
    """Return a ref as git has it in full; ours leave `refs/heads/` out."""
    return name if name.startswith("refs/") else f"refs/heads/{name}"


def _word(choice: Severity | Confidence) -> str:
    return choice.name.lower()


def _confidence(value: int) -> str:
    """Return a word that clients know; a rule that says nothing is trusted least."""
    return _word(Confidence(max(value, Confidence.LOW)))


def _location(one: Instance) -> Location:
    return Location(
        file_path=one.file.path,
        line=one.start_line,
        column=one.start_column,
        end_line=one.end_line,
        end_column=one.end_column,
    )


def _rule(one: Instance) -> RuleShape:
    metadata = one.rule.metadata
    return RuleShape(
        name=one.rule.check_id,
        message=one.finding.message,
        confidence=_confidence(one.rule.confidence),
        category=one.rule.category,
        subcategories=_texts(metadata.get("subcategory")),
        vulnerability_classes=_texts(metadata.get("vulnerability_class")),
        cwe_names=_texts(metadata.get("cwe")),
        owasp_names=_texts(metadata.get("owasp")),
    )


def _texts(value: Any) -> list[str]:
    """Return what rule authors write as one text or as a list of them."""
    if isinstance(value, str):
        return [value]
    items: Sequence[Any] = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]


def _policy(metadata: Mapping[str, Any]) -> SourcingPolicy | None:
    policy = metadata.get("semgrep.policy")
    if not isinstance(policy, dict) or not isinstance(policy.get("id"), int):
        return None
    return SourcingPolicy(
        id=policy["id"], name=str(policy.get("name", "")), slug=str(policy.get("slug", ""))
    )
