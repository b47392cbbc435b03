"""Bodies of requests: read up to a limit, and parsed into frozen values."""

from http import HTTPStatus
from typing import Annotated, TypeVar

from django.http import HttpRequest
from django.http.request import UnreadablePostError
from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from core.errors import InvalidInputError, ProblemError

Body = TypeVar("Body", bound=BaseModel)

SMALL_BODY_BYTES = 16 * 1024 * 1024
MEGABYTE = 1024 * 1024


class BodyTooLargeError(ProblemError):
    """The body is larger than what this address takes."""

    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BodyLengthMissingError(ProblemError):
    """The body comes in chunks, without its length."""

    code = "length_required"
    status = HTTPStatus.LENGTH_REQUIRED


class BodyCutShortError(ProblemError):
    """The body ended before the length that was announced."""

    code = "body_cut_short"


class EncodedBodyError(ProblemError):
    """The body is compressed, which no scanner does."""

    code = "body_encoded"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class InvalidJsonError(InvalidInputError):
    """The body is not JSON, or not a JSON object."""

    code = "invalid_json"


def read_body(request: HttpRequest, *, limit_bytes: int = SMALL_BODY_BYTES) -> bytes:
    """Return the body; refuse one over the limit by its announced length, before it is read."""
    announced = _announced_bytes(request)
    if announced > limit_bytes:
        raise _too_large(limit_bytes)
    parts: list[bytes] = []
    size = 0
    try:
        while part := request.read(limit_bytes + 1 - size):
            parts.append(part)
            size += len(part)
            if size > limit_bytes:
                raise _too_large(limit_bytes)
    except (UnreadablePostError, ConnectionError) as error:
        raise BodyCutShortError("The connection ended within the body; send it again.") from error
    if size < announced:
        raise BodyCutShortError(
            f"The body ended after {size} of {announced} bytes; send it again, whole."
        )
    return b"".join(parts)


def _announced_bytes(request: HttpRequest) -> int:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise EncodedBodyError("Content-Encoding is not taken here; send the JSON as it is.")
    text = request.headers.get("Content-Length", "")
    if not text.isdecimal():
        if "Transfer-Encoding" in request.headers:
            raise BodyLengthMissingError(
                "The body's length is missing; send a Content-Length instead of chunks."
            )
        return 0
    return int(text)


def _too_large(limit_bytes: int) -> BodyTooLargeError:
    return BodyTooLargeError(
        f"The body is over the limit of {limit_bytes // MEGABYTE or 1} MB; send less at once. For"
        " the results of scans your operator can raise UPLOAD_LIMIT_MEGABYTES."
    )


def parse(shape: type[Body], body: bytes) -> Body:
    """Parse a JSON body; raise InvalidInputError that names the first wrong field."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise refusal(error.errors(include_url=False, include_input=False)[0]) from error


def refusal(problem: ErrorDetails) -> InvalidInputError:
    """Return a validation problem as our error, without the value that was sent."""
    message = problem["msg"].rstrip(".")
    if problem["type"] == "json_invalid":
        return InvalidJsonError(f"The body is not valid JSON; send one JSON object. {message}.")
    path = problem["loc"] or (problem.get("ctx", {}).get("field", ""),)
    field = ".".join(str(part) for part in path)
    if not field:
        return InvalidJsonError(f"The body is not a JSON object; send one. {message}.")
    if problem["type"] == "missing":
        message = "this field is missing; send it"
    return InvalidInputError(f"{field}: {message}.", field=field)


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "holds a NUL character; remove it")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
