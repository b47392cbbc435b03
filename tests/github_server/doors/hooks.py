"""Webhooks of a repository, for those who connect without an app."""

from http import HTTPStatus
from typing import Any

from tests.github_server.emitting import emit, hook_shapes
from tests.github_server.routing import Answer, Asking, invalid, route
from tests.github_server.state import Hook

HOOKS = "/repos/{owner}/{repo}/hooks"


@route("GET", HOOKS, needs="repository_hooks:read")
def list_hooks(asking: Asking) -> Answer:
    repository = asking.repository
    rows = [*repository.hooks.values()]
    return asking.page(rows, lambda one: asking.shapes.hook(repository, one))


@route("POST", HOOKS, needs="repository_hooks:write")
def make_hook(asking: Asking) -> Answer:
    repository, body = asking.repository, asking.body
    config = body.get("config") or {}
    if not config.get("url"):
        raise invalid("Hook", "url", "url is required", "missing_field")
    events = body.get("events") or ["push"]
    for one in repository.hooks.values():
        if one.url == config["url"] and set(one.events) == set(events):
            raise invalid("Hook", "url", "Hook already exists on this repository")
    hook = Hook(
        url=config["url"],
        secret=config.get("secret", ""),
        events=events,
        active=body.get("active", True),
        content_type=config.get("content_type", "form"),
        created_at=asking.now,
        updated_at=asking.now,
    )
    repository.hooks[hook.id] = hook
    shape = asking.shapes.hook(repository, hook)
    _ping(asking, hook, shape)
    return Answer(shape, HTTPStatus.CREATED)


def _ping(asking: Asking, hook: Hook, shape: dict[str, Any]) -> None:
    """Tell a new hook that it is there, whatever it subscribes to."""
    events, hook.events = hook.events, ["ping"]
    others = [one for one in asking.repository.hooks.values() if one is not hook]
    asking.repository.hooks = {hook.id: hook}
    payload = {"zen": "Keep it logically awesome.", "hook_id": hook.id, "hook": shape}
    shown = hook_shapes(asking.github).hook(asking.repository, hook) | {"events": events}
    emit(
        asking.github,
        "ping",
        payload | {"hook": shown},
        sender=asking.login,
        repository=asking.repository,
    )
    hook.events = events
    asking.repository.hooks = {one.id: one for one in [*others, hook]}


@route("GET", f"{HOOKS}/{{hook_id}}", needs="repository_hooks:read")
def show_hook(asking: Asking) -> Answer:
    hook = asking.row(asking.repository.hooks, "hook_id")
    return Answer(asking.shapes.hook(asking.repository, hook))


@route("PATCH", f"{HOOKS}/{{hook_id}}", needs="repository_hooks:write")
def change_hook(asking: Asking) -> Answer:
    repository, body = asking.repository, asking.body
    hook = asking.row(repository.hooks, "hook_id")
    config = body.get("config") or {}
    hook.url, hook.secret = config.get("url", hook.url), config.get("secret", hook.secret)
    hook.content_type = config.get("content_type", hook.content_type)
    hook.events = body.get("events", hook.events)
    hook.events = [*hook.events, *body.get("add_events", [])]
    hook.events = [one for one in hook.events if one not in body.get("remove_events", [])]
    hook.active, hook.updated_at = body.get("active", hook.active), asking.now
    return Answer(asking.shapes.hook(repository, hook))


@route("DELETE", f"{HOOKS}/{{hook_id}}", needs="repository_hooks:write")
def drop_hook(asking: Asking) -> Answer:
    hook = asking.row(asking.repository.hooks, "hook_id")
    del asking.repository.hooks[hook.id]
    return Answer(None, HTTPStatus.NO_CONTENT)
