"""What our pages show of change requests: the list, one with its comments, a finding's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q, QuerySet

from core.errors import NotFoundError
from findings.change_requests import scans_of
from findings.models import ChangeRequest, ChangeRequestState, Finding, Scan
from integrations.codehosts import CodeFile, CodeHost, NoCodeHostError
from integrations.models import RepositoryLink
from integrations.selectors import code_host_for
from notifications.bodies import Bodies
from notifications.models import (
    CommentPlace,
    CommentState,
    Review,
    ReviewCommand,
    ReviewComment,
)
from notifications.planning import Entry, plan
from notifications.review_settings import review_settings
from tenants.models import Project

PAGE_SIZE = 50
MOST_COMMENTS = 100
MOST_SCANS = 10
MOST_PROJECTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which change requests are asked for; None and blank ask for all."""

    project_id: int | None = None
    state: str = ""
    before: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Say whether anything is left out by the filter."""
        return self.project_id is not None or bool(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequestPage:
    """One page, newest first; `next_before` is the key of the next page, None: no more."""

    rows: Sequence[ChangeRequest]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A comment with its text; `body` is blank where nothing is known of its findings any more."""

    row: ReviewComment
    body: str
    commands: Sequence[ReviewCommand]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All that we say in a change request."""

    review: Review | None
    scans: Sequence[Scan]
    comments: Sequence[Shown]
    left_out: int
    other_commands: Sequence[ReviewCommand]
    """Those that were written in no thread of ours."""


class _NoHost:
    """Stands where a project has no code host: no line has an address."""

    def read_file(self, *, path: str, commit: str) -> CodeFile:
        raise NoCodeHostError(f"There is no code host to read {path} at {commit} from.")

    def line_url(self, *, path: str, commit: str, line: int) -> str:  # noqa: ARG002 the protocol's
        return ""


def page_of_change_requests(asked: Asked, *, size: int = PAGE_SIZE) -> ChangeRequestPage:
    """Return change requests with how many comments we have on each."""
    rows = ChangeRequest.objects.select_related("project", "review").order_by("-id")
    if asked.project_id is not None:
        rows = rows.filter(project_id=asked.project_id)
    if asked.state in ChangeRequestState.values:
        rows = rows.filter(state=asked.state)
    if asked.before is not None:
        rows = rows.filter(id__lt=asked.before)
    found = list(rows.annotate(comment_count=Count("review__comments"))[: size + 1])
    is_more = len(found) > size
    return ChangeRequestPage(rows=found[:size], next_before=found[size - 1].pk if is_more else None)


def projects_with_change_requests() -> list[Project]:
    """Return the projects that the filter offers, by name."""
    known = ChangeRequest.objects.order_by().values("project_id")
    return list(Project.objects.filter(id__in=known).order_by("name")[:MOST_PROJECTS])


def get_change_request(change_request_id: int) -> ChangeRequest:
    """Return a change request; raise NotFoundError for a stranger's."""
    row = ChangeRequest.objects.select_related("project", "organization", "review").filter(
        pk=change_request_id
    )
    found: ChangeRequest | None = row.first()
    if found is None:
        raise NotFoundError(f"There is no change request {change_request_id} in this organization.")
    return found


def conversation_of(change_request: ChangeRequest) -> Conversation:
    """Return what we say in a change request, in a constant number of queries."""
    review: Review | None = getattr(change_request, "review", None)
    rows = _comments_of(review)
    commands = ReviewCommand.objects.filter(change_request=change_request).order_by("id")
    by_comment = _by_comment(commands)
    shown = rows[:MOST_COMMENTS]
    texts = _texts(change_request, shown)
    return Conversation(
        review=review,
        scans=list(scans_of(change_request).select_related("ref")[:MOST_SCANS]),
        comments=[
            Shown(row=row, body=texts.get(row.pk, ""), commands=by_comment.get(row.pk, []))
            for row in shown
        ],
        left_out=len(rows) - len(shown),
        other_commands=by_comment.get(None, []),
    )


def comments_on(finding: Finding) -> list[ReviewComment]:
    """Return the comments that speak of a finding, the newest first."""
    of_rule = Q(
        finding=None,
        review__change_request__project_id=finding.project_id,
        finding_ids__contains=[finding.pk],
    )
    rows = ReviewComment.objects.filter(Q(finding=finding) | of_rule)
    return list(rows.select_related("review__change_request__project").order_by("-id")[:PAGE_SIZE])


def _comments_of(review: Review | None) -> list[ReviewComment]:
    if review is None:
        return []
    rows: QuerySet[ReviewComment] = review.comments.select_related("finding__rule")
    return list(rows.order_by("id"))


def _by_comment(commands: QuerySet[ReviewCommand]) -> Mapping[int | None, list[ReviewCommand]]:
    found: dict[int | None, list[ReviewCommand]] = {}
    for command in commands:
        found.setdefault(command.comment_id, []).append(command)
    return found


def _texts(change_request: ChangeRequest, rows: Sequence[ReviewComment]) -> dict[int, str]:
    """Return the comments' texts as they stand, or would stand, at the code host."""
    intended = plan(change_request=change_request)
    keys = {row.key for row in rows}
    entries: Mapping[str, Entry] = {one.key: one for one in intended.entries if one.key in keys}
    link = (
        RepositoryLink.objects.select_related("connection")
        .filter(project_id=change_request.project_id)
        .first()
    )
    bodies = Bodies.of(
        intended=replace(intended, entries=list(entries.values())),
        change_request=change_request,
        link=link,
        host=_host_of(change_request.project),
        settings=review_settings(),
    )
    return {
        row.pk: bodies.body_of(_placed(row), entries[row.key]) or ""
        for row in rows
        if row.key in entries
    }


def _placed(row: ReviewComment) -> ReviewComment:
    """Return a comment that was posted nowhere as if it stood at its finding's lines."""
    if row.state in {CommentState.KEPT_HERE, CommentState.PLANNED} and row.start_line is not None:
        row.place = CommentPlace.LINE
    return row


def _host_of(project: Project) -> CodeHost:
    try:
        return code_host_for(project)
    except NoCodeHostError:
        return _NoHost()
