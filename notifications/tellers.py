"""Whoever tells a review: gathers what there is to say, finds the code host, and bears refusals."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from findings.models import ChangeRequest
from integrations.checking import note_trouble
from integrations.codehosts import NoCodeHostError
from integrations.models import RepositoryLink
from integrations.review_hosts import ReviewHost, ReviewRefusedError
from integrations.selectors import code_host_for, review_host_for
from notifications.bodies import Bodies
from notifications.channels.change_request import status_of
from notifications.comment_rows import note_state, store_plan
from notifications.conversations import Conversation
from notifications.models import CommentState, Review, ReviewComment, ReviewSettings
from notifications.planning import Plan, plan
from notifications.review_settings import review_settings
from notifications.statuses import bring_status
from notifications.telling import Telling, why_not


@dataclass(slots=True, kw_only=True)
class Teller:
    """One try at telling a claimed review."""

    review: Review
    change_request: ChangeRequest
    settings: ReviewSettings
    now: datetime
    sent: set[str] = field(default_factory=set)
    """Keys of the comments that were sent to the code host in this try."""

    @classmethod
    def of(cls, *, review: Review, now: datetime) -> "Teller":
        """Read what a try needs to know first."""
        change_request = ChangeRequest.objects.select_related("project", "organization").get(
            pk=review.change_request_id
        )
        return cls(
            review=review, change_request=change_request, settings=review_settings(), now=now
        )

    def tell(self, *, is_analyzing: bool) -> str:
        """Tell it; return what stood in the way, for people, or blank."""
        intended = plan(change_request=self.change_request)
        refusal = why_not(self.settings, self.change_request)
        rows = store_plan(review=self.review, intended=intended, may_post=not refusal, now=self.now)
        try:
            return self._tell_host(intended, rows, refusal, is_analyzing=is_analyzing)
        except NoCodeHostError as error:
            planned = [row for row in rows if row.state == CommentState.PLANNED]
            note_state(review=self.review, rows=planned, state=CommentState.KEPT_HERE)
            return error.detail
        except ReviewRefusedError as error:
            link = self._link()
            note_trouble(connection_id=link.connection_id, error=error, now=self.now)
            return error.detail

    def _tell_host(
        self, intended: Plan, rows: list[ReviewComment], refusal: str, *, is_analyzing: bool
    ) -> str:
        host = review_host_for(self.change_request.project)
        bodies = Bodies.of(
            intended=intended,
            change_request=self.change_request,
            link=self._link(),
            host=code_host_for(self.change_request.project),
            settings=self.settings,
        )
        talk = self._conversation(host, intended, bodies, rows)
        telling = Telling(
            talk=talk, change_request=self.change_request, refusal=refusal, now=self.now
        )
        obstacle = telling.run()
        trouble = self._bring_status(host, intended, bodies, is_analyzing=is_analyzing)
        return " ".join(filter(None, [obstacle, trouble]))

    def _link(self) -> RepositoryLink:
        link: RepositoryLink = RepositoryLink.objects.select_related("connection").get(
            project_id=self.change_request.project_id
        )
        return link

    def _conversation(
        self, host: ReviewHost, intended: Plan, bodies: Bodies, rows: list[ReviewComment]
    ) -> Conversation:
        number = self.change_request.number
        return Conversation(
            review=self.review,
            host=host,
            number=number,
            title=f"Commented in change request {number}",
            intended=intended,
            bodies=bodies,
            rows=rows,
            now=self.now,
            sent=self.sent,
        )

    def _bring_status(
        self, host: ReviewHost, intended: Plan, bodies: Bodies, *, is_analyzing: bool
    ) -> str:
        if intended.scan is None or not intended.scan.commit or not self.settings.posts_status:
            return ""
        status = status_of(
            list(bodies.notices.values()),
            is_analyzing=is_analyzing,
            url=_page_of(self.change_request),
        )
        return bring_status(
            review=self.review, host=host, commit=intended.scan.commit, status=status
        )


def _page_of(change_request: ChangeRequest) -> str:
    slug = change_request.organization.slug
    path = reverse("notifications:change-request", args=[slug, change_request.pk])
    return f"{settings.PUBLIC_URL}{path}"
