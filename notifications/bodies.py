"""The text of each comment, from what there is to say and where the comment stands."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from findings.models import ChangeRequest
from integrations.codehosts import CodeHost
from integrations.models import ConnectionKind, RepositoryLink
from notifications.channels.change_request import Dialect, finding_body, rule_body
from notifications.models import CommentKind, CommentPlace, ReviewComment, ReviewSettings
from notifications.notices import FindingNotice, gather_notices
from notifications.planning import Entry, Plan, Spot
from notifications.review_settings import commands_offered


def hash_of(body: str) -> str:
    """Return the hash of a text as it is compared: code hosts change line ends and blank ends."""
    return hashlib.sha256(body.replace("\r\n", "\n").strip().encode()).hexdigest()


def readable_there(
    notices: Mapping[int, FindingNotice], *, link: RepositoryLink | None
) -> Mapping[int, FindingNotice]:
    """Return what may be read where the code is: in public, no note that was written for us."""
    if link is None or not link.is_public:
        return notices
    return {
        finding_id: replace(notice, decision=replace(notice.decision, note=""))
        for finding_id, notice in notices.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitLinks:
    """Addresses of lines at one commit."""

    host: CodeHost
    commit: str

    def line_url(self, path: str, line: int) -> str:
        """Return the address of a line (1-based); blank where there is none."""
        return self.host.line_url(path=path, commit=self.commit, line=line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Writes the texts of one change request's comments."""

    intended: Plan
    notices: Mapping[int, FindingNotice]
    host: CodeHost
    dialect: Dialect
    commands: str

    @classmethod
    def of(
        cls,
        *,
        intended: Plan,
        change_request: ChangeRequest,
        link: RepositoryLink | None,
        host: CodeHost,
        settings: ReviewSettings,
    ) -> "Bodies":
        """Gather what there is to say, in a constant number of queries.

        `link` is None for a project without a repository, whose comments our pages alone show.
        """
        is_gitlab = link is not None and link.connection.kind == ConnectionKind.GITLAB
        return cls(
            intended=intended,
            notices=readable_there(
                gather_notices(change_request=change_request, finding_ids=intended.finding_ids),
                link=link,
            ),
            host=host,
            dialect=Dialect.GITLAB if is_gitlab else Dialect.GITHUB,
            commands=commands_offered(settings, link=link),
        )

    def verdict_told(self, row: ReviewComment, entry: Entry) -> int | None:
        """Return the id of the verdict that a comment on one finding tells; None without one.

        One that says no more than why the finding is closed tells what it told before.
        """
        notice = self.notices.get(entry.finding_ids[0])
        if notice is None or entry.kind != CommentKind.FINDING or not notice.tells_verdict:
            return None
        if not notice.speaks_of_verdict:
            told: int | None = row.shown_verdict_id
            return told
        return notice.verdict.verdict_id if notice.verdict else None

    def is_open(self, entry: Entry) -> bool:
        """Say whether somebody has still to look at any finding of a comment."""
        return any(self.notices[one].is_open for one in entry.finding_ids if one in self.notices)

    def body_of(self, row: ReviewComment, entry: Entry) -> str | None:
        """Return the text of a comment; None where nothing is known of its findings any more."""
        notices = [self.notices[one] for one in entry.finding_ids if one in self.notices]
        if not notices:
            return None
        links = CommitLinks(host=self.host, commit=self._commit_of_links(row, entry))
        if entry.kind == CommentKind.RULE:
            return rule_body(notices, key=row.key, links=links)
        return finding_body(
            notices[0],
            key=row.key,
            dialect=self.dialect,
            has_suggestion=self._has_suggestion(row, notices[0]),
            links=links,
            commands=self.commands,
        )

    def _commit_of_links(self, row: ReviewComment, entry: Entry) -> str:
        """Return the commit that links lead to: another only where the finding has moved.

        Else each push would change the links, and with them the text of every comment.
        """
        spot = self.intended.spots.get(entry.finding_ids[0])
        stands = row.commit and (spot is None or spot == _spot_of(row))
        if self.intended.scan is None or (stands and entry.kind == CommentKind.FINDING):
            return row.commit
        return self.intended.scan.commit

    def _has_suggestion(self, row: ReviewComment, notice: FindingNotice) -> bool:
        """Say whether the code host may offer the fix at a click.

        Only for the very lines, at the very commit, that the fix was proven on, and where no
        other finding waits on one of them.
        """
        fix = notice.fix
        if fix is None or fix.replacement is None or row.place != CommentPlace.LINE:
            return False
        lines = (row.path, row.commit, row.start_line, row.end_line)
        proven = (fix.path, fix.commit, fix.start_line, fix.end_line)
        return notice.is_open and lines == proven and not self._is_shared(notice.finding_id)

    def _is_shared(self, finding_id: int) -> bool:
        spots = self.intended.spots
        here = spots.get(finding_id)
        return here is None or any(
            here.overlaps(spot) for other, spot in spots.items() if other != finding_id
        )


def _spot_of(row: ReviewComment) -> Spot:
    return Spot(path=row.path, start_line=row.start_line or 0, end_line=row.end_line or 0)
