"""The door of code hosts: an event comes in, is kept, and is answered at once."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from core.errors import ProblemError
from integrations.webhooks import Reception, receive

LONGEST_LENGTH_DIGITS = 19
STATUS_OF = {
    Reception.STORED: HTTPStatus.ACCEPTED,
    Reception.KNOWN: HTTPStatus.OK,
    Reception.NOT_NEEDED: HTTPStatus.OK,
}


class WrongMethodError(ProblemError):
    """Events are posted."""

    code = "method_not_allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class EventTooLargeError(ProblemError):
    """The body is larger than what this address takes."""

    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class LengthMissingError(ProblemError):
    """The body comes in chunks, without its length."""

    code = "length_required"
    status = HTTPStatus.LENGTH_REQUIRED


class EventCutShortError(ProblemError):
    """The body ended before the length that was announced."""

    code = "body_cut_short"


@csrf_exempt
def receive_webhook(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Keep an event of a code host; what follows from it, a worker does."""
    try:
        if request.method != "POST":
            raise WrongMethodError("Events are posted; use POST.")
        body = read_body(request)
        received = receive(
            kind=kind, key=key, headers=request.headers, body=body, now=timezone.now()
        )
    except ProblemError as problem:
        return refusal(problem)
    status = STATUS_OF[received.reception]
    return JsonResponse({"status": received.reception.value}, status=status)


def read_body(request: HttpRequest) -> bytes:
    """Return the body, having read no more than the limit and one byte."""
    limit: int = settings.WEBHOOK_LIMIT_BYTES
    announced = _announced_bytes(request)
    if announced > limit:
        raise _too_large()
    parts: list[bytes] = []
    size = 0
    try:
        while size <= limit and (part := request.read(limit + 1 - size)):
            parts.append(part)
            size += len(part)
    except (UnreadablePostError, ConnectionError) as error:
        raise EventCutShortError("The connection ended within the body; send it again.") from error
    if size > limit:
        raise _too_large()
    if size < announced:
        raise EventCutShortError(
            f"The body ended after {size} of {announced} bytes; send it again, whole."
        )
    return b"".join(parts)


def _announced_bytes(request: HttpRequest) -> int:
    text = request.headers.get("Content-Length", "")
    if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST_LENGTH_DIGITS:
        raise LengthMissingError("The body's length is missing; send a Content-Length.")
    return int(text)


def _too_large() -> EventTooLargeError:
    return EventTooLargeError(
        f"The event is larger than {settings.WEBHOOK_LIMIT_BYTES} bytes and was not kept; your"
        " operator can raise WEBHOOK_LIMIT_MEGABYTES."
    )


def refusal(problem: ProblemError) -> HttpResponse:
    """Return a refusal as systems read it."""
    response = JsonResponse(
        {"error": {"code": problem.code, "message": problem.detail}}, status=problem.status
    )
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = "POST"
    return response
