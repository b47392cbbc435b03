"""Errors that callers can act on, and errors that are worth another try."""

from http import HTTPStatus
from typing import ClassVar


class ProblemError(Exception):
    """A refusal that the caller can act on: its sentence names the cause and the remedy.

    `code` is a stable word for programs; `field` names the input that is wrong, as a JSON path
    where the input is JSON.
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class NotFoundError(ProblemError):
    """There is nothing of that name within the caller's reach."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND


class PermissionRefusedError(ProblemError):
    """The caller is known but may not do this."""

    code = "permission_refused"
    status = HTTPStatus.FORBIDDEN


class InvalidInputError(ProblemError):
    """A field of the input is wrong; `field` names it."""

    code = "invalid_input"
    status = HTTPStatus.BAD_REQUEST


class TransientError(Exception):
    """Something outside failed in a way that another try may mend.

    `retry_after_seconds` is what the other side asked for, if it did.
    """

    def __init__(self, detail: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
