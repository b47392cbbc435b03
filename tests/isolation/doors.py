"""Every door of the platform: how it is called, and who may come in.

A new address without an entry here fails `test_doors.py`, a new task `test_tasks.py`.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.api.programs import recorded

# Third-party pages of a person's own account: they read no row of an organization.
ACCOUNT_PAGES = ("account_", "mfa_")


class Guard(enum.Enum):
    """Who may open a door."""

    MEMBER = "a signed-in member of the organization in the address"
    PERSON = "any signed-in person"
    CI_TOKEN = "a CI token"
    API_TOKEN = "an API token"
    WEBHOOK_KEY = "whoever knows a webhook's key and its secret"
    NOBODY = "open to all: it reads no row of an organization"


@dataclass(frozen=True, kw_only=True)
class Door:
    """One address and method.

    `names_rows`: parts of the address that name a row of Acme, by attribute of the fixture `acmes`.
    `body`: what to send, made from `acmes`; for pages a form, for programs JSON.
    `answer_to_rival`: the status where Rival names Acme's rows with its own good credentials.
    """

    guard: Guard
    method: str = "GET"
    names_rows: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[Any], Any] = lambda acmes: {}
    answer_to_rival: int = 404


def _announcement(acmes):
    """Announce a scan by the id that Acme's scanner chose."""
    body = recorded("github-full", "01")["body"]
    body["scan_metadata"]["unique_id"] = str(acmes.unique_id)
    return body


def _page(**rows):
    return Door(guard=Guard.MEMBER, names_rows=rows, answer_to_rival=404 if rows else 200)


def _form(body=lambda acmes: {}, answer=404, **rows):
    return Door(
        guard=Guard.MEMBER, method="POST", names_rows=rows, body=body, answer_to_rival=answer
    )


def _scanner(method="GET", answer=404, body=lambda acmes: {}, parts=None, **rows):
    return Door(
        guard=Guard.CI_TOKEN,
        method=method,
        names_rows=rows,
        body=body,
        parts=parts or {},
        answer_to_rival=answer,
    )


def _client(method="GET", answer=404, body=lambda acmes: {}, parts=None, **rows):
    return Door(
        guard=Guard.API_TOKEN,
        method=method,
        names_rows=rows,
        body=body,
        parts=parts or {},
        answer_to_rival=answer,
    )


def _import_of_acmes(acmes):
    return {"connection": acmes.connection_id, "repository": "acme/shop"}


_OPEN = Door(guard=Guard.NOBODY, answer_to_rival=200)

DOORS: dict[str, list[Door]] = {
    # Pages
    "console:home": [Door(guard=Guard.PERSON, answer_to_rival=302)],
    "console:dashboard": [_page()],
    "console:findings": [_page()],
    "console:progress": [_page()],
    "console:finding": [_page(finding_id="finding_id")],
    "console:activity": [_page(finding_id="finding_id")],
    "console:code": [_page(finding_id="finding_id", instance_id="instance_id")],
    "console:rule-from-finding": [
        Door(
            guard=Guard.MEMBER,
            names_rows={"finding_id": "finding_id"},
            parts={"aim": "not-here"},
        )
    ],
    "console:scans": [_page()],
    "console:scan": [_page(scan_id="scan_id")],
    "console:quality": [_page()],
    "console:evaluations": [
        _form(lambda acmes: {"prompt": "judge.md", "most": 5, "model": ""}, answer=422)
    ],
    "console:evaluation": [_page(evaluation_id="evaluation_id")],
    "console:supply-chain-short": [Door(guard=Guard.MEMBER, answer_to_rival=302)],
    "console:supply-chain": [Door(guard=Guard.MEMBER, answer_to_rival=302)],
    "console:secrets": [Door(guard=Guard.MEMBER, answer_to_rival=302)],
    "console:policies": [_page()],
    "console:add-policy": [_form(answer=422)],
    "console:policy": [_page(policy_id="policy_id")],
    "console:policy-rulesets": [_page(policy_id="policy_id")],
    "console:policy-changes": [_page(policy_id="policy_id")],
    "console:policy-settings": [_page(policy_id="policy_id")],
    "console:policy-modes": [
        _form(
            lambda acmes: {"rule": acmes.rule_id, "mode": "block", "confirmed": 1},
            policy_id="policy_id",
        )
    ],
    "console:rename-policy": [_form(lambda acmes: {"name": "ours"}, policy_id="policy_id")],
    "console:tag-policy": [
        _form(lambda acmes: {"tags": "ours", "confirmed": 1}, policy_id="policy_id")
    ],
    "console:delete-policy": [_form(lambda acmes: {"confirmed": 1}, policy_id="policy_id")],
    "console:path-ignores": [
        _page(),
        _form(lambda acmes: {"path_ignores": "ours/"}, answer=302),
    ],
    "console:project-ignores": [
        _page(project_id="project_id"),
        _form(lambda acmes: {"path_ignores": "ours/"}, project_id="project_id"),
    ],
    "console:projects": [_page()],
    "console:project": [_page(project_id="project_id")],
    "console:checklist": [_page(project_id="project_id")],
    "console:edit-project": [_form(lambda acmes: {"tags": "ours"}, project_id="project_id")],
    "console:archive-project": [_form(project_id="project_id")],
    "console:rules": [_page()],
    "console:rule": [_page(rule_id="rule_id")],
    "console:rule-version": [_page(rule_id="rule_id", number="version_number")],
    "console:fork-rule": [_form(rule_id="rule_id")],
    "console:delete-rule": [_form(rule_id="rule_id")],
    "console:restore-rule": [_form(rule_id="rule_id")],
    "console:restore-rule-version": [_form(rule_id="rule_id", number="version_number")],
    "console:import-rules": [_page(), _form(answer=422)],
    "console:rule-import": [_page(import_id="rule_import_id")],
    "console:add-shipped": [_form(answer=302)],
    "console:import": [_page()],
    "console:import-chosen": [_form(_import_of_acmes)],
    "console:import-one": [_form(_import_of_acmes)],
    "integrations:connections": [_page()],
    "integrations:connection": [_page(connection_id="connection_id")],
    "integrations:check-connection": [_form(connection_id="connection_id")],
    "integrations:rename-connection": [
        _form(lambda acmes: {"name": "ours"}, connection_id="connection_id")
    ],
    "integrations:change-token": [
        _form(lambda acmes: {"token": "ours"}, connection_id="connection_id")
    ],
    "integrations:show-webhook": [_form(connection_id="connection_id")],
    "integrations:retry-event": [_form(connection_id="connection_id", receipt_id="receipt_id")],
    "integrations:remove-connection": [_form(connection_id="connection_id")],
    "integrations:connect-token": [
        Door(guard=Guard.MEMBER, parts={"kind": "gitlab"}, answer_to_rival=200),
        Door(guard=Guard.MEMBER, method="POST", parts={"kind": "gitlab"}, answer_to_rival=422),
    ],
    "integrations:connect-app": [_page(), _form(answer=200)],
    "integrations:app-created": [Door(guard=Guard.MEMBER, answer_to_rival=400)],
    "integrations:app-installed": [Door(guard=Guard.MEMBER, answer_to_rival=302)],
    "integrations:app": [_page(app_id="app_id")],
    "integrations:install-app": [_page(app_id="app_id")],
    "integrations:find-installations": [_form(app_id="app_id")],
    "integrations:add-installation": [_form(lambda acmes: {"installation_id": 1}, app_id="app_id")],
    "integrations:remove-app": [_form(app_id="app_id")],
    "triage:verdict-panel": [_page(finding_id="finding_id")],
    "triage:decision-panel": [_page(finding_id="finding_id")],
    "triage:agree": [_form(lambda acmes: {"verdict": 1}, finding_id="finding_id")],
    "triage:rate": [
        _form(
            lambda acmes: {"verdict": 1, "rating": "bad", "note": "ours"}, finding_id="finding_id"
        )
    ],
    "triage:offer-analysis": [_form(lambda acmes: {"finding": [acmes.finding_id]}, answer=200)],
    "triage:start-analysis": [_form(lambda acmes: {"finding": [acmes.finding_id]}, answer=400)],
    "remediation:remedy-panel": [_page(finding_id="finding_id")],
    "remediation:remedy-progress": [_page(finding_id="finding_id")],
    "remediation:fix-diff": [_page(finding_id="finding_id", fix_id="fix_id")],
    "remediation:fix-patch": [_page(finding_id="finding_id", fix_id="fix_id")],
    "remediation:fix-request": [_page(finding_id="finding_id")],
    "remediation:request-fix": [_form(finding_id="finding_id", fix_id="fix_id")],
    "remediation:regenerate": [_form(finding_id="finding_id")],
    "remediation:customize": [_form(lambda acmes: {"text": "ours now"}, finding_id="finding_id")],
    "remediation:rate-guidance": [
        _form(lambda acmes: {"guidance": 1, "rating": "bad"}, finding_id="finding_id")
    ],
    "remediation:rate-fix": [
        _form(lambda acmes: {"fix": 1, "rating": "bad"}, finding_id="finding_id")
    ],
    "notifications:change-requests": [_page()],
    "notifications:review-settings": [_page(), _form(answer=422)],
    "notifications:change-request": [_page(change_request_id="change_request_id")],
    "notifications:try-again": [_form(change_request_id="change_request_id")],
    "notifications:comments-panel": [_page(finding_id="finding_id")],
    "notifications:slack": [_page()],
    "notifications:slack-begin": [_form(answer=302)],
    "notifications:slack-installed": [Door(guard=Guard.MEMBER, answer_to_rival=302)],
    "notifications:slack-keep-app": [_form(workspace_id="workspace_id")],
    "notifications:slack-install": [_page(workspace_id="workspace_id")],
    "notifications:slack-token": [_form(workspace_id="workspace_id")],
    "notifications:slack-check": [_form(workspace_id="workspace_id")],
    "notifications:slack-send-again": [_form(workspace_id="workspace_id")],
    "notifications:slack-commands": [_form(workspace_id="workspace_id")],
    "notifications:slack-remove": [_form(workspace_id="workspace_id")],
    "notifications:slack-test": [_form(subscription_id="subscription_id")],
    "notifications:slack-unlink": [_form(account_id="slack_account_id")],
    "notifications:slack-link": [
        Door(guard=Guard.MEMBER, parts={"token": "forged"}, answer_to_rival=400),
        Door(guard=Guard.MEMBER, method="POST", parts={"token": "forged"}, answer_to_rival=400),
    ],
    # test_slack_door.py goes on from here
    "notifications:slack-door": [
        Door(
            guard=Guard.WEBHOOK_KEY,
            method="POST",
            names_rows={"key": "slack_key"},
            answer_to_rival=401,
        ),
    ],
    "notifications:mail-preferences": [
        _page(),
        _form(lambda acmes: {"monday": "on"}, answer=302),
    ],
    "notifications:send-monday-mail": [_form(answer=302)],
    # The link of a mail: test_mail_views.py goes on from here
    "notifications:unsubscribe": [
        Door(guard=Guard.NOBODY, parts={"token": "WzEsMSwxXQ.forged"}, answer_to_rival=404),
        Door(
            guard=Guard.NOBODY,
            method="POST",
            parts={"token": "WzEsMSwxXQ.forged"},
            answer_to_rival=404,
        ),
    ],
    "notifications:deliveries": [_page()],
    "notifications:delivery": [_page(delivery_id="delivery_id")],
    "notifications:retry-delivery": [_form(delivery_id="delivery_id")],
    "notifications:subscriptions": [_page(), _form(answer=422)],
    "notifications:subscription": [
        _page(subscription_id="subscription_id"),
        _form(lambda acmes: {"tells_scans": "on"}, subscription_id="subscription_id"),
    ],
    "notifications:remove-subscription": [_form(subscription_id="subscription_id")],
    "notifications:webhooks": [_page()],
    "notifications:add-webhook": [_page(), _form(answer=422)],
    "notifications:webhook": [_page(webhook_id="webhook_id")],
    "notifications:edit-webhook": [
        _page(webhook_id="webhook_id"),
        _form(lambda acmes: {"name": "ours"}, webhook_id="webhook_id"),
    ],
    "notifications:test-webhook": [_form(webhook_id="webhook_id")],
    "notifications:webhook-trial": [_page(webhook_id="webhook_id", delivery_id="call_of_webhook")],
    "notifications:pause-webhook": [_form(webhook_id="webhook_id")],
    "notifications:resume-webhook": [_form(webhook_id="webhook_id")],
    "notifications:retry-call": [_form(webhook_id="webhook_id", delivery_id="call_of_webhook")],
    "notifications:remove-webhook": [_form(webhook_id="webhook_id")],
    "triage:decide": [
        _form(lambda acmes: {"state": "ignored", "note": "ours"}, finding_id="finding_id")
    ],
    "triage:add-note": [_form(lambda acmes: {"note": "ours now"}, finding_id="finding_id")],
    "triage:decide-for-selection": [
        _form(lambda acmes: {"finding": [acmes.finding_id], "state": "ignored"}, answer=302)
    ],
    "memories:memories": [_page()],
    "memories:memory": [_page(memory_id="memory_id")],
    "memories:add": [
        _page(),
        _form(lambda acmes: {"text": "Rival's own", "contexts": ["triage"]}, answer=302),
    ],
    "memories:edit": [
        _page(memory_id="memory_id"),
        _form(lambda acmes: {"text": "ours now", "contexts": ["triage"]}, memory_id="memory_id"),
    ],
    "memories:activate": [_form(memory_id="memory_id")],
    "memories:delete": [_form(memory_id="memory_id")],
    "memories:restore": [_form(memory_id="memory_id")],
    "triage:memory-preview": [_page(memory_id="memory_id"), _form(memory_id="memory_id")],
    "triage:apply-memory": [_page(memory_id="memory_id"), _form(memory_id="memory_id")],
    "tenants:tokens": [
        _page(),
        _form(lambda acmes: {"kind": "api", "name": "Rival's own"}, answer=201),
    ],
    "rules:editor": [_page()],
    "rules:check": [_form(lambda acmes: {"text": "rules: []"}, answer=200)],
    "rules:save": [_form(lambda acmes: {"rule": acmes.rule_id, "text": "rules: []"})],
    "rules:add-to-policy": [
        _form(lambda acmes: {"rule": acmes.rule_id, "policy": 1, "mode": "block"})
    ],
    "rules:trials": [_form(lambda acmes: {"rule": acmes.rule_id, "text": "rules: []"})],
    "rules:trial": [_page(trial_id="trial_id")],
    "rules:drafts": [_page(), _form(answer=422)],
    "rules:draft": [_page(draft_id="draft_id")],
    "llm:assistant": [_page(), _form(answer=422)],
    "llm:test-connection": [_form(answer=422)],
    "llm:calls": [_page()],
    "llm:export": [_page()],
    "llm:call": [_page(call_id="call_id")],
    "llm:delete-one": [_form(call_id="call_id")],
    "llm:delete-shown": [_form(answer=302)],
    "tenants:general": [_page(), _form(answer=422)],
    "tenants:revoke-token": [_form(token_id="token_id")],
    # Code hosts: test_webhooks.py goes on from here
    "integrations:webhook": [
        Door(
            guard=Guard.WEBHOOK_KEY,
            method="POST",
            names_rows={"key": "webhook_key"},
            parts={"kind": "github"},
            answer_to_rival=401,
        ),
        Door(
            guard=Guard.WEBHOOK_KEY,
            method="POST",
            names_rows={"key": "webhook_key"},
            parts={"kind": "gitlab"},
            answer_to_rival=404,
        ),
    ],
    # Operators and browsers
    "console:healthz": [_OPEN],
    "console:readyz": [_OPEN],
    "console:robots": [_OPEN],
    "console:favicon": [Door(guard=Guard.NOBODY, answer_to_rival=302)],
    # Scanners
    "api:scan-create": [_scanner("POST", answer=200, body=_announcement)],
    "api:scan-create-v1": [_scanner("POST", answer=200, body=_announcement)],
    "api:scan-config": [_scanner(unique_id="unique_id")],
    "api:scan-results": [
        _scanner(
            "POST", body=lambda acmes: recorded("github-full", "03")["body"], scan_id="scan_id"
        )
    ],
    "api:scan-complete": [
        _scanner("POST", body=lambda acmes: {"exit_code": 0, "stats": {}}, scan_id="scan_id")
    ],
    "api:scan-error": [
        _scanner("POST", body=lambda acmes: {"exit_code": 2, "error": "x"}, scan_id="scan_id")
    ],
    "api:deployment": [_scanner(answer=200)],
    "api:engine": [_scanner(answer=403, parts={"platform": "manylinux"})],
    "api:check-version": [_OPEN],
    "failure": [
        _scanner(
            "POST",
            answer=200,
            body=lambda acmes: {
                "request_id": str(acmes.unique_id),
                "url": "https://assistant.example/",
                "method": "POST",
                "status_code": 500,
                "error": "gave up",
            },
        )
    ],
    "rule-lints": [_OPEN],
    "rules-of-policy": [_scanner(slug="policy_slug")],
    "rule-by-id": [_scanner(rule_id="rule_path")],
    # API clients
    "api:v1-ping": [_OPEN],
    "api:v1-schema": [_OPEN],
    "api:v1-docs": [_OPEN],
    "api:v1-deployments": [_client(answer=200)],
    "api:v1-findings": [
        _client(deployment="slug"),
        _client(answer=200, parts={"deployment": "rival"}),
    ],
    "api:v1-triage": [
        _client(
            "POST",
            body=lambda acmes: {"issue_ids": [acmes.finding_id], "new_triage_state": "ignored"},
            deployment="slug",
        ),
        _client(
            "POST",
            answer=400,
            body=lambda acmes: {"issue_ids": [acmes.finding_id], "new_triage_state": "ignored"},
            parts={"deployment": "rival"},
        ),
    ],
    "api:v1-policies": [
        _client(deployment="slug"),
        _client(answer=200, parts={"deployment": "rival"}),
    ],
    "api:v1-policy": [
        _client(deployment="slug", policy_id="policy_id"),
        _client(parts={"deployment": "rival"}, policy_id="policy_id"),
        _client(
            "PUT",
            body=lambda acmes: {"rulePath": acmes.rule_path, "policyMode": "MODE_BLOCK"},
            parts={"deployment": "rival"},
            policy_id="policy_id",
        ),
    ],
    "api:unknown": [
        Door(guard=Guard.NOBODY, parts={"rest": "no/such/address"}, answer_to_rival=404)
    ],
}


def addresses_of(resolver=None, namespace=""):
    """Yield the name of every address, `namespace:name`; the route where it has no name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            below = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses_of(entry, below)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}"
