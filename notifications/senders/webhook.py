"""Calls of webhooks: signed JSON, under one id however often it is tried.

Nobody can look up at the other side what a call left behind. So each call carries the id of its
message: a receiver that has seen it passes it over, as docs/webhooks.md asks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings

from core.encryption import decrypt
from core.errors import ProblemError, TransientError
from core.escaping import visible
from core.guarded_requests import (
    AnswerTooLargeError,
    CallFailedError,
    CertificateRefusedError,
    ForbiddenAddressError,
    Response,
    guarded_session,
    reason_not_sent,
)
from notifications.channels.webhook_bodies import findings_body, scan_body, signature, trial_body
from notifications.models import Delivery, DeliveryKind, OutgoingWebhook, WebhookState
from notifications.senders.protocol import NotSentError, RefusedError, Sent, UnknownOutcomeError
from notifications.webhook_facts import finding_records, scan_record
from notifications.webhook_health import (
    PAUSED,
    REST_SECONDS,
    is_resting,
    note_failure,
    note_success,
)

ANSWER_LIMIT_BYTES = 100_000
WORDS_LIMIT = 150
RESTS = "Not called: the receiver has just failed for other messages."
_READ_CHARACTERS = 1000
_LONGEST_PAUSE_DIGITS = 6
# The message itself is what the receiver does not take: another try is the same message.
_AT_FAULT = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class WebhookRefusedError(RefusedError):
    """No further try can work; the sentence says what the receiver answered, and the remedy."""

    code = "webhook_refused"


class WebhookGoneError(WebhookRefusedError):
    """The receiver says that it is there no more, and wants no further call."""

    code = "webhook_gone"


class WebhookPausedError(ProblemError):
    """The webhook is not called as long as it is paused."""

    code = "webhook_paused"
    status = HTTPStatus.CONFLICT


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """How webhooks are called."""

    def find(self, delivery: Delivery) -> Sent | None:  # noqa: ARG002 the protocol's
        """Return nothing: a call may be made again, since the receiver knows its id."""
        return None

    def send(self, delivery: Delivery, *, begin: Callable[[], None]) -> Sent | None:
        """Call the webhook; see the protocol for what is raised."""
        webhook = delivery.webhook
        if webhook is None:
            return None
        is_trial = delivery.kind == DeliveryKind.TEST
        if webhook.state != WebhookState.ACTIVE and not is_trial:
            raise WebhookPausedError(PAUSED)
        if not is_trial and is_resting(webhook.pk):
            raise NotSentError(RESTS, retry_after_seconds=REST_SECONDS)
        body = _body_of(delivery, webhook)
        if body is None:
            return None
        headers = _headers(delivery, webhook, body)
        begin()
        try:
            answer = _checked(_call(webhook.url, body, headers))
        except (ProblemError, TransientError) as error:
            if is_trial:
                raise WebhookRefusedError(str(error)) from None
            is_gone = isinstance(error, WebhookGoneError)
            note_failure(webhook.pk, error=str(error), is_final=is_gone)
            raise
        note_success(webhook.pk)
        return Sent(external_ids={"id": str(delivery.pk)}, answer=_first_line(answer))

    def change(self, delivery: Delivery) -> Sent | None:  # noqa: ARG002 the protocol's
        """Return nothing: a call cannot be taken back or changed."""
        return None


def _body_of(delivery: Delivery, webhook: OutgoingWebhook) -> bytes | None:
    if delivery.kind == DeliveryKind.TEST:
        return trial_body(
            organization_id=webhook.organization.pk,
            name=webhook.name,
            asked_at=delivery.created_at,
        )
    if delivery.scan is None:
        return None
    if delivery.kind == DeliveryKind.SCAN:
        return scan_body(scan_record(delivery.scan))
    records = finding_records(delivery.scan, delivery.facts.get("finding_ids", []))
    return findings_body(records) if records else None


def _headers(delivery: Delivery, webhook: OutgoingWebhook, body: bytes) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "assay-webhook",
        "X-Webhook-Id": str(delivery.pk),
        "X-Webhook-Event": delivery.kind,
    }
    if webhook.encrypted_secret:
        secret = decrypt(webhook.encrypted_secret)
        headers["X-Semgrep-Signature-256"] = signature(body, secret=secret)
    return headers


def _call(url: str, body: bytes, headers: dict[str, str]) -> Response:
    seconds = settings.WEBHOOK_TIMEOUT_SECONDS
    try:
        with guarded_session(timeout_seconds=seconds, max_bytes=ANSWER_LIMIT_BYTES) as session:
            return session.post(url, data=body, headers=headers)
    # What the library raises holds the request: none is kept as the cause.
    except ForbiddenAddressError as error:
        raise WebhookRefusedError(str(error)) from None
    except AnswerTooLargeError:
        raise UnknownOutcomeError(
            f"The receiver's answer is packed or has more than {ANSWER_LIMIT_BYTES:,} bytes; have"
            " it answer shortly. It may have taken the message."
        ) from None
    except CertificateRefusedError:
        raise NotSentError(
            "The receiver's certificate cannot be verified: it is expired, for another name, or of"
            " an authority that is not known here."
        ) from None
    except CallFailedError as error:
        if reason := reason_not_sent(error):
            raise NotSentError(reason) from None
        raise TransientError(
            f"The receiver did not answer within {seconds} seconds, or broke off."
        ) from None


def _checked(answer: Response) -> Response:
    """Return an answer that says that the message was taken."""
    status = answer.status_code
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return answer
    said = f"The receiver answered {_first_line(answer)}{_words(answer)}."
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise WebhookRefusedError(
            f"{said} Redirects are not followed: enter the address that it leads to."
        )
    if status == HTTPStatus.GONE:
        raise WebhookGoneError(said)
    if status in _AT_FAULT:
        raise WebhookRefusedError(said)
    raise NotSentError(said, retry_after_seconds=_retry_after(answer))


def _first_line(answer: Response) -> str:
    return f"{answer.status_code} {visible(answer.reason or '')}".strip()[:WORDS_LIMIT]


def _words(answer: Response) -> str:
    """Return the begin of what a receiver says: often the reason."""
    text = visible(" ".join(answer.text[:_READ_CHARACTERS].split()))
    is_page = text.startswith("<")
    # Our own sentence ends it.
    return f": {text[:WORDS_LIMIT].rstrip(' .')}" if text and not is_page else ""


def _retry_after(answer: Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_PAUSE_DIGITS
    return float(text) if is_number else None
