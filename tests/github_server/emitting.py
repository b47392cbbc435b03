"""Which webhooks an event makes: one for each installation and hook that hears of it."""

from typing import TYPE_CHECKING, Any

from tests.github_server.deliveries import Delivery, sign
from tests.github_server.description import hook_problems, hooks
from tests.github_server.pull_shapes import PullShapes
from tests.github_server.shapes import Json, node_id
from tests.github_server.state import App, Installation, Repository

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer

# GitHub tells every app of these, whatever it subscribes to.
ALWAYS = ("installation", "installation_repositories")


def hook_shapes(github: "GitHubServer") -> PullShapes:
    """Return shapes with the addresses that webhooks tell."""
    return PullShapes(github, github.api_url, github.url)


def emit(
    github: "GitHubServer",
    event: str,
    payload: Json,
    *,
    sender: str,
    repository: Repository | None = None,
    installation: Installation | None = None,
) -> list[Delivery]:
    """Make the deliveries of an event and let them wait for `deliver`."""
    shapes = hook_shapes(github)
    facts = {**payload, "sender": shapes.account(sender)}
    if repository is not None:
        facts["repository"] = shapes.repository(repository)
    made = []
    for one in _hearers(github, event, repository, installation):
        lite = {"id": one.id, "node_id": node_id("Installation", one.id)}
        told = facts if "installation" in facts else {**facts, "installation": lite}
        made.append(_for_app(github, event, told, one.app))
    hearing = list(repository.hooks.values()) if repository is not None else []
    for hook in hearing:
        if hook.active and ({event, "*"} & set(hook.events)):
            body = _described(github, event, facts)
            target = ("repository", repository.id if repository else 0)
            made.append(sign(event, body, secret=hook.secret, url=hook.url, target=target))
    if not made and not github.installations and not hearing:
        body = _described(github, event, facts)
        secret, url = github.webhook_secret, github.webhook_url
        made.append(sign(event, body, secret=secret, url=url, target=("repository", 1)))
    github.deliveries.extend(made)
    return made


def _hearers(
    github: "GitHubServer",
    event: str,
    repository: Repository | None,
    installation: Installation | None,
) -> list[Installation]:
    if installation is not None:
        return [installation]
    return [
        one
        for one in github.installations.values()
        if repository is not None
        and github.reaches(one, repository)
        and not one.is_deleted
        and one.suspended_at is None
        and (event in one.app.events or event in ALWAYS)
    ]


def _for_app(github: "GitHubServer", event: str, facts: Json, app: App) -> Delivery:
    body = _described(github, event, facts)
    url = app.webhook_url or github.webhook_url
    return sign(event, body, secret=app.webhook_secret, url=url, target=("integration", app.id))


def _described(github: "GitHubServer", event: str, facts: Json) -> Json:
    """Return a payload without the fields that webhooks do not have; keep what is wrong with it."""
    name = f"{event}${facts['action']}" if "action" in facts else f"{event}$event"
    schema = hooks()["definitions"].get(name)
    body = facts if schema is None else _fit(schema, facts)
    github.violations.extend(f"webhook {event}: {one}" for one in hook_problems(event, body))
    return body


def _parts(schema: Json, value: Any) -> list[Json]:
    """Return the object schemas that apply to a value, references followed."""
    if "$ref" in schema:
        return _parts(hooks()["definitions"][schema["$ref"].rpartition("/")[2]], value)
    for word in ("oneOf", "anyOf"):
        if word in schema:
            options = [one for one in schema[word] if one.get("type") != "null"]
            return _parts(options[0], value) if value is not None and options else []
    if "allOf" in schema:
        return [part for one in schema["allOf"] for part in _parts(one, value)]
    return [schema]


def _fit(schema: Json, value: Any) -> Any:
    parts = _parts(schema, value)
    if isinstance(value, list):
        items = next((part["items"] for part in parts if "items" in part), {})
        return [_fit(items, one) for one in value] if isinstance(items, dict) else value
    if not isinstance(value, dict):
        return value
    known: Json = {}
    for part in parts:
        for name, one in part.get("properties", {}).items():
            known[name] = known[name] if "$ref" in known.get(name, {}) else one
    closed = any(part.get("additionalProperties") is False for part in parts)
    return {
        name: _fit(known.get(name, {}), one)
        for name, one in value.items()
        if not closed or name in known
    }
