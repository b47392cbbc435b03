"""Bearer tokens in requests of programs."""

import contextlib
from collections.abc import Iterator
from http import HTTPStatus

from django.http import HttpRequest
from django.utils import timezone

from core.errors import ProblemError
from tenants.models import ApiToken, TokenKind
from tenants.scope import organization_scope
from tenants.tokens import note_token_use, recognize_token


class InvalidTokenError(ProblemError):
    """The request brings no token, or none that we know."""

    code = "invalid_token"
    status = HTTPStatus.UNAUTHORIZED


class WrongTokenKindError(ProblemError):
    """The token is good, but for another door; answered as if nothing were here."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND


@contextlib.contextmanager
def token_scope(request: HttpRequest, kind: TokenKind) -> Iterator[ApiToken]:
    """Open the scope of the token in the request's Authorization header.

    Raises InvalidTokenError without a live token, WrongTokenKindError for one of another kind.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    token = recognize_token(text.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise InvalidTokenError(
            "The token is missing, unknown or revoked. Send `Authorization: Bearer <token>`;"
            " admins make tokens on the page Settings, Tokens."
        )
    if token.kind != kind:
        raise WrongTokenKindError(
            f"This is not here for {token.get_kind_display()} tokens; use one of kind {kind.label}."
        )
    with organization_scope(token.organization.pk):
        note_token_use(token=token, now=timezone.now())
        yield token
