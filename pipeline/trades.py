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


EVENTS = Trade(kind=WebhookReceipt, do=_process, give_up=_give_up_event)
REVIEWS = Trade(kind=Review, do=_tell, give_up=_give_up_review)
FIXES = Trade(kind=FixRequest, do=_open_fix, give_up=_give_up_fix)
DELIVERIES = Trade(kind=Delivery, do=_deliver, give_up=_bury)
CHOICES = Trade(kind=TaskChoice, do=_choose, give_up=_give_up_choice)
