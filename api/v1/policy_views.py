"""Policies in the public API: read, and the mode of a rule changed."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.bodies import parse, read_body
from api.errors import ErrorShape
from api.v1 import policy_shapes as shapes
from api.v1.doors import TokenView, answer
from api.v1.questions import RulesQuery, parameters_of
from api.v1.views import REFUSALS
from core.errors import NotFoundError
from rules.mode_changes import ModeChange, change_modes
from rules.models import Policy, Rule
from rules.policies import modes_of
from rules.policy_entries import entries_of
from tenants.audit import Actor
from tenants.models import Door


class PoliciesView(TokenView):
    """The policies of the token's organization."""

    @extend_schema(operation_id="policies", responses={200: shapes.Policies, **REFUSALS})
    def get(self, request: Request, deployment: str) -> HttpResponse:
        """List the policies."""
        del request
        self.organization(deployment)
        policies = [shapes.policy_shape(one) for one in Policy.objects.order_by("id")]
        return answer(shapes.Policies(policies=policies))


class PolicyView(TokenView):
    """One policy with its rules."""

    @extend_schema(
        operation_id="policy",
        parameters=parameters_of(RulesQuery),
        responses={200: shapes.PolicyRules, **REFUSALS},
    )
    def get(self, request: Request, deployment: str, policy_id: int) -> HttpResponse:
        """List the rules of a policy, by path, with their modes; read pages by the cursor."""
        self.organization(deployment)
        policy = _policy(policy_id)
        query = RulesQuery.of(request.query_params)
        modes = modes_of(policy)
        rules = Rule.objects.filter(id__in=list(modes), path__gt=query.cursor)
        found = list(rules.defer("text", "test_code").order_by("path")[: query.limit + 1])
        shown = found[: query.limit]
        entries = entries_of(policy=policy, rules=shown, modes=modes)
        return answer(
            shapes.PolicyRules(
                policy=shapes.policy_shape(policy),
                rules=[shapes.rule_shape(entry, url_of=self._url_of) for entry in entries],
                cursor=shown[-1].path if len(found) > query.limit else "",
            )
        )

    @extend_schema(
        operation_id="update-policy",
        request=shapes.PolicyUpdate,
        responses={200: shapes.PolicyUpdated, 413: ErrorShape, **REFUSALS},
    )
    def put(self, request: Request, deployment: str, policy_id: int) -> HttpResponse:
        """Give a rule of the library a mode in a policy; scans that begin later get it."""
        self.organization(deployment)
        policy = _policy(policy_id)
        wanted = parse(shapes.PolicyUpdate, read_body(request._request))  # noqa: SLF001 the plain request: its body is read with a limit
        rule = Rule.objects.filter(path=wanted.rule_path, deleted_at__isnull=True).first()
        if rule is None:
            raise NotFoundError(
                "rulePath: there is no such rule in the library; GET this policy lists its own.",
                field="rulePath",
            )
        change_modes(
            change=ModeChange(policy_id=policy.pk, mode=wanted.mode, rule_ids=frozenset([rule.pk])),
            actor=Actor(door=Door.API, label=str(self.token)),
            now=timezone.now(),
        )
        (entry,) = entries_of(policy=policy, rules=[rule], modes={rule.pk: wanted.mode})
        updated = shapes.rule_shape(entry, url_of=self._url_of)
        return answer(shapes.PolicyUpdated(policy_id=policy.pk, updated_rule=updated))

    def _url_of(self, rule_id: int) -> str:
        path = reverse("console:rule", args=[self.token.organization.slug, rule_id])
        return str(self.request.build_absolute_uri(path))


def _policy(policy_id: int) -> Policy:
    policy: Policy | None = Policy.objects.filter(id=policy_id).first()
    if policy is None:
        raise NotFoundError("There is no such policy; GET /policies of the deployment lists them.")
    return policy
