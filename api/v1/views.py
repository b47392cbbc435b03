"""The public API: what programs read, and the triage that they do."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.bodies import parse, read_body
from api.errors import ErrorShape
from api.v1 import shapes
from api.v1.doors import OpenView, TokenView, answer
from api.v1.questions import FindingsQuery, TriageRequest, parameters_of
from api.v1.rows import choose_findings, page_of_rows
from findings.models import TriageReason, TriageState
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from tenants.models import Door

STATES = {"open": TriageState.REOPENED}
REFUSALS: Mapping[int, Any] = {
    400: ErrorShape,
    401: ErrorShape,
    404: ErrorShape,
}


class PingView(OpenView):
    """Whether we are here."""

    @extend_schema(operation_id="ping", responses={200: shapes.Ping}, auth=[])
    def get(self, request: Request) -> HttpResponse:
        """Say that we are here; needs no token."""
        del request
        return answer(shapes.Ping(ok=True))


class DeploymentsView(TokenView):
    """The token's own organization."""

    @extend_schema(operation_id="deployments", responses={200: shapes.Deployments, **REFUSALS})
    def get(self, request: Request) -> HttpResponse:
        """List the deployments of this token: exactly its own."""
        organization = self.token.organization
        path = reverse("api:v1-findings", kwargs={"deployment": organization.slug})
        url = request.build_absolute_uri(path)
        return answer(shapes.Deployments.of(organization, findings_url=url))


class FindingsView(TokenView):
    """Findings, page by page."""

    @extend_schema(
        operation_id="findings",
        parameters=parameters_of(FindingsQuery),
        responses={200: shapes.Findings, **REFUSALS},
    )
    def get(self, request: Request, deployment: str) -> HttpResponse:
        """List findings, the newest first; read pages until one is short."""
        self.organization(deployment)
        query = FindingsQuery.of(request.query_params)
        rows = [shapes.finding(row) for row in page_of_rows(query)]
        return answer(shapes.Findings(findings=rows))


class TriageView(TokenView):
    """Decisions on findings."""

    @extend_schema(
        operation_id="triage",
        request=TriageRequest,
        responses={200: shapes.Triaged, 413: ErrorShape, **REFUSALS},
    )
    def post(self, request: Request, deployment: str) -> HttpResponse:
        """Triage the findings of `issue_ids`, or of filters; a decision holds on all refs."""
        self.organization(deployment)
        wanted = parse(TriageRequest, read_body(request._request))  # noqa: SLF001 the plain request: its body is read with a limit
        ids = triage_findings(
            finding_ids=choose_findings(wanted),
            change=_change(wanted),
            actor=Actor(door=Door.API, label=str(self.token)),
            now=timezone.now(),
        )
        return answer(shapes.Triaged(num_triaged=len(ids), triaged_issues=ids))


def _change(wanted: TriageRequest) -> TriageChange:
    word, reason = wanted.new_triage_state, wanted.new_triage_reason
    return TriageChange(
        state=None if word is None else STATES.get(word) or TriageState(word),
        reason=None if reason is None else TriageReason(reason),
        note=wanted.new_note or "",
    )
