"""What there is to do until a project is looked after, and how far that has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.projects import ProjectRow
from findings.models import Scan, ScanKind
from integrations.models import ConnectionKind, ConnectionState, RepositoryLink
from integrations.overview import endpoint_of
from notifications.models import CommentState, ReviewComment
from tenants.models import ApiToken, TokenKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to be done; `key` names the link that the page offers."""

    key: str
    title: str
    is_done: bool | None
    """None: not possible here, and nothing to wait for."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The steps in their order."""

    steps: Sequence[Step]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be done."""
        return all(step.is_done is not False for step in self.steps)

    @property
    def done_count(self) -> int:
        """How many steps are done."""
        return sum(step.is_done is True for step in self.steps)

    @property
    def possible_count(self) -> int:
        """How many steps can be done."""
        return sum(step.is_done is not None for step in self.steps)


def checklist_of(row: ProjectRow) -> Checklist:
    """Return what is done for a project and what is not, by looking at its rows."""
    return Checklist(
        steps=[
            _repository(row.link),
            _webhooks(row.link),
            _token(),
            _first_scan(row),
            _change_request(row),
            _comments(row),
        ]
    )


def _repository(link: RepositoryLink | None) -> Step:
    title = "Connected to its repository"
    if link is None:
        detail = "Import it through a connection, so that its code can be read and spoken of."
        return Step(key="repository", title=title, is_done=False, detail=detail)
    if link.is_gone:
        detail = (
            f"{link.location} was deleted, moved or is no longer shared with the connection:"
            " share it again, or import it anew."
        )
        return Step(key="connection", title=title, is_done=False, detail=detail)
    connection = link.connection
    if connection.state in {
        ConnectionState.BROKEN,
        ConnectionState.SUSPENDED,
        ConnectionState.REMOVED,
    }:
        detail = f"The connection {connection.name}: {connection.get_state_display().lower()}."
        return Step(key="connection", title=title, is_done=False, detail=detail)
    place = "A folder on this machine" if _is_local(link) else link.location
    detail = f"{place}, through {connection.name}."
    return Step(key="repository", title=title, is_done=True, detail=detail)


def _webhooks(link: RepositoryLink | None) -> Step:
    title = "Its events arrive"
    if link is None:
        detail = "They follow from the connection: replies to comments, new and closed changes."
        return Step(key="webhooks", title=title, is_done=False, detail=detail)
    if _is_local(link):
        detail = "A folder on this machine tells of nothing."
        return Step(key="webhooks", title=title, is_done=None, detail=detail)
    endpoint = endpoint_of(link.connection)
    if endpoint is not None and endpoint.last_received_at is not None:
        detail = f"The last one of its connection came on {endpoint.last_received_at:%Y-%m-%d}."
        return Step(key="webhooks", title=title, is_done=True, detail=detail)
    detail = link.hook_problem or (
        "None came yet. Write a comment in a change request there, or look at the connection."
    )
    return Step(key="connection", title=title, is_done=False, detail=detail)


def _token() -> Step:
    is_done = ApiToken.objects.filter(kind=TokenKind.CI, revoked_at=None).exists()
    detail = "With it the scanner reports to us." if is_done else "The scanner needs one to report."
    return Step(key="token", title="A CI token exists", is_done=is_done, detail=detail)


def _first_scan(row: ProjectRow) -> Step:
    is_done = row.scan is not None and (
        row.scan.ingested_at is not None
        or Scan.objects.filter(project=row.project, ingested_at__isnull=False).exists()
    )
    detail = (
        "Findings are there."
        if is_done
        else "Put the pipeline below into the repository; the first push starts it."
    )
    return Step(key="scan", title="The first scan arrived", is_done=is_done, detail=detail)


def _change_request(row: ProjectRow) -> Step:
    is_done = (
        Scan.objects.filter(project=row.project, kind=ScanKind.DIFF, ingested_at__isnull=False)
        .exclude(change_request="")
        .exists()
    )
    detail = (
        "New findings are told where they are made."
        if is_done
        else "Open a pull or merge request: the same pipeline scans what it changes."
    )
    return Step(key="change", title="A change request was scanned", is_done=is_done, detail=detail)


def _comments(row: ProjectRow) -> Step:
    title = "Comments were posted"
    if row.link is not None and _is_local(row.link):
        detail = "A folder on this machine has no change requests; comments are shown here only."
        return Step(key="comments", title=title, is_done=None, detail=detail)
    is_done = ReviewComment.objects.filter(
        review__change_request__project=row.project, state=CommentState.POSTED
    ).exists()
    detail = (
        "Developers hear of findings in their change requests."
        if is_done
        else "The first new finding of a rule in the mode “comment” or “block” is commented."
    )
    return Step(key="comments", title=title, is_done=is_done, detail=detail)


def _is_local(link: RepositoryLink) -> bool:
    """Say whether a repository is a folder of the server, whose path is nobody's business."""
    return link.connection.kind == ConnectionKind.LOCAL_GIT
