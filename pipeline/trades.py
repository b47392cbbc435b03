"""What is done for each kind of job."""

from datetime import datetime

from insights.choosing import choose_tasks
from insights.models import TaskChoice
from integrations.models import WebhookReceipt
from notifications.models import Delivery, Review
from notifications.reviews import give_up_telling, tell
from notifications.sending import deliver
from pipeline import telling, webhooks
from pipeline.jobs import Trade
from remediation.change_requests import give_up_fix, open_fix
from remediation.models import FixRequest
from rules.generation import run_draft
from rules.library_imports import drop_import, run_import
from rules.models import RuleDraft, RuleImport, RuleTrial
from rules.trials import run_trial


def _process(receipt: WebhookReceipt, now: datetime) -> None:
    outcome = webhooks.process(receipt=receipt, now=now)
    WebhookReceipt.objects.filter(id=receipt.pk).update(outcome=outcome[:200])


def _tell(review: Review, now: datetime) -> None:
    is_analyzing = telling.is_analyzing(review.change_request)
    tell(review=review, is_analyzing=is_analyzing, now=now)


def _open_fix(request: FixRequest, now: datetime) -> None:
    open_fix(request=request, now=now)


def _deliver(delivery: Delivery, now: datetime) -> None:
    deliver(delivery=delivery, now=now)


def _choose(_choice: TaskChoice, now: datetime) -> None:
    choose_tasks(now=now)


def _import_rules(rule_import: RuleImport, now: datetime) -> None:
    run_import(rule_import=rule_import, now=now)


def _try_rule(trial: RuleTrial, now: datetime) -> None:
    run_trial(trial=trial, now=now)


def _draft_rule(draft: RuleDraft, now: datetime) -> None:
    run_draft(draft=draft, now=now)


def _give_up_trial(_trial: RuleTrial, _reason: str, _now: datetime) -> None:
    """Keep the run with its error: it is what the editor shows."""


def _give_up_draft(_draft: RuleDraft, _reason: str, _now: datetime) -> None:
    """Keep the rounds that there are, and the error beside them."""


def _give_up_event(_receipt: WebhookReceipt, _reason: str, _now: datetime) -> None:
    """Keep the receipt with its error: it is what the page of the connection lists."""


def _give_up_review(review: Review, reason: str, _now: datetime) -> None:
    give_up_telling(review=review, reason=reason)


def _give_up_fix(request: FixRequest, reason: str, now: datetime) -> None:
    give_up_fix(request=request, reason=reason, now=now)


def _bury(_delivery: Delivery, _reason: str, _now: datetime) -> None:
    """Keep the message with its error, as a dead letter that admins see and may send again."""


def _give_up_choice(_choice: TaskChoice, _reason: str, _now: datetime) -> None:
    """Leave the week as it is: the sweep asks again after an hour."""


def _give_up_import(rule_import: RuleImport, _reason: str, _now: datetime) -> None:
    drop_import(rule_import=rule_import)


EVENTS = Trade(kind=WebhookReceipt, do=_process, give_up=_give_up_event)
REVIEWS = Trade(kind=Review, do=_tell, give_up=_give_up_review)
FIXES = Trade(kind=FixRequest, do=_open_fix, give_up=_give_up_fix)
DELIVERIES = Trade(kind=Delivery, do=_deliver, give_up=_bury)
TRIALS = Trade(kind=RuleTrial, do=_try_rule, give_up=_give_up_trial)
DRAFTS = Trade(kind=RuleDraft, do=_draft_rule, give_up=_give_up_draft)
CHOICES = Trade(kind=TaskChoice, do=_choose, give_up=_give_up_choice)
RULE_IMPORTS = Trade(kind=RuleImport, do=_import_rules, give_up=_give_up_import)
