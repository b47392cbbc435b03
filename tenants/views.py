"""The page Settings, Tokens."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tenants.audit import Actor
from tenants.forms import TokenForm
from tenants.models import TokenKind
from tenants.permissions import MemberRequest, Permission, requires
from tenants.selectors import tokens_of_organization
from tenants.tokens import create_token, revoke_token


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_TOKENS)
def tokens(request: MemberRequest) -> HttpResponse:
    """List the tokens; a POST makes one, and this one answer shows its text."""
    form = TokenForm(request.POST) if request.method == "POST" else TokenForm()
    new, status = None, HTTPStatus.OK
    if form.is_bound and form.is_valid():
        new = create_token(
            actor=Actor.person(request.member.user),
            kind=TokenKind(form.cleaned_data["kind"]),
            name=form.cleaned_data["name"],
        )
        form, status = TokenForm(), HTTPStatus.CREATED
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {"form": form, "new": new, "tokens": tokens_of_organization()}
    return render(request, "tenants/tokens.html", context, status=status)


@require_POST
@requires(Permission.MANAGE_TOKENS)
def revoke(request: MemberRequest, token_id: int) -> HttpResponse:
    """End a token."""
    actor = Actor.person(request.member.user)
    token = revoke_token(actor=actor, token_id=token_id, now=timezone.now())
    messages.success(request, f"{token.name} is revoked: it opens nothing any more.")
    return redirect("tenants:tokens", organization_slug=request.organization.slug)
