"""GitHub's published descriptions: of its API (OpenAPI) and of its webhooks (JSON Schema).

Both are read once a process, on first use; see tests/payloads/github/README.md.
"""

import copy
import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_DIGIT = re.compile(r"\d")
PAYLOADS = Path(__file__).parent.parent / "payloads" / "github"


def _read(name: str) -> Any:
    return json.loads(gzip.decompress((PAYLOADS / name).read_bytes()))


def _plain(value: Any) -> Any:
    """Return JSON Schema for what OpenAPI 3.0 says: `nullable` is a type more."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _plain(one) for key, one in value.items() if key != "nullable"}
    if value.get("nullable") is not True:
        return plain
    if "enum" in plain:
        plain["enum"] = [*plain["enum"], None]
    if isinstance(plain.get("type"), str):
        return {**plain, "type": [plain["type"], "null"]}
    return {"anyOf": [plain, {"type": "null"}]}


# GitHub passes over them; PyGithub sends them.
TOLERATED = {("PATCH", "/repos/{owner}/{repo}/hooks/{hook_id}"): {"name"}}


@functools.cache
def api() -> Any:
    """Return the description of the API; examples are as published."""
    document = _read("openapi.json.gz")
    examples = document["components"].pop("examples")
    document = _plain(document)
    document["components"]["examples"] = examples
    # Its own example breaks what is published here; one installation is described well.
    listed = document["paths"]["/app/installations"]["get"]["responses"]["200"]["content"]
    one = {"$ref": "#/components/schemas/installation"}
    listed["application/json"]["schema"] = {"type": "array", "items": one}
    # An outdated comment has none of both; only the description of the webhooks says so.
    comment = document["components"]["schemas"]["pull-request-review-comment"]["properties"]
    for name in ("line", "position"):
        comment[name]["type"] = ["integer", "null"]
    # Nor does a pull request from a fork that is gone have the repository of its head.
    for name in ("pull-request", "pull-request-simple"):
        head = document["components"]["schemas"][name]["properties"]["head"]["properties"]
        head["repo"] = {"anyOf": [head["repo"], {"type": "null"}]}
    return document


@functools.cache
def hooks() -> Any:
    """Return the description of webhook payloads."""
    return _read("webhooks.schema.json.gz")


@functools.cache
def _registry() -> Registry:
    resources = [
        (f"urn:{name}", Resource.from_contents(document, DRAFT202012))
        for name, document in (("api", _absolute(api(), "urn:api")), ("hooks", hooks()))
    ]
    return Registry().with_resources(resources)


def _absolute(value: Any, base: str) -> Any:
    if isinstance(value, list):
        return [_absolute(one, base) for one in value]
    if isinstance(value, dict):
        return {
            key: f"{base}{one}" if key == "$ref" and isinstance(one, str) else _absolute(one, base)
            for key, one in value.items()
        }
    return value


@functools.cache
def _validator(pointer: str) -> Validator:
    return Draft202012Validator({"$ref": pointer}, registry=_registry())


_FOUND_GOOD: set[tuple[str, int]] = set()


def _problems(pointer: str, value: Any) -> list[str]:
    """Return what a schema forbids; one shape is looked at once, for speed."""
    key = (pointer, hash(_skeleton(value)))
    if key in _FOUND_GOOD:
        return []
    problems = [
        f"{'/'.join(str(step) for step in error.absolute_path) or 'body'}: {error.message[:300]}"
        for error in _validator(pointer).iter_errors(value)
    ]
    if not problems:
        _FOUND_GOOD.add(key)
    return problems


def _skeleton(value: Any) -> Any:
    """Return what a schema sees of a value: names, types, and texts that may be of an enum."""
    if isinstance(value, dict):
        return tuple((name, _skeleton(one)) for name, one in value.items())
    if isinstance(value, list):
        return frozenset(map(_skeleton, value))
    # Ids, times and addresses have digits, and no enum of GitHub's but file modes does.
    is_word = isinstance(value, str) and len(value) < 30 and not _DIGIT.search(value)
    if is_word or (isinstance(value, str) and len(value) < 7):
        return value
    return type(value)


def _escaped(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _operation(method: str, template: str) -> Any:
    return api()["paths"].get(template, {}).get(method.lower())


def _resolved(value: Any) -> Any:
    while "$ref" in value:
        _, _, kind, name = value["$ref"].split("/")
        value = api()["components"][kind][name]
    return value


def query_problems(method: str, template: str, query: dict[str, str]) -> list[str]:
    """Return what the description forbids in a query."""
    operation = _operation(method, template)
    if operation is None:
        return []
    parameters = [_resolved(one) for one in operation.get("parameters", [])]
    known = {one["name"]: one.get("schema", {}) for one in parameters if one["in"] == "query"}
    problems = [f"query: {name} is not known" for name in query if name not in known]
    for name, value in query.items():
        allowed = known.get(name, {}).get("enum")
        if allowed and value not in allowed:
            problems.append(f"query: {name}={value} is not one of {allowed}")
    return problems


def body_problems(method: str, template: str, body: Any) -> list[str]:
    """Return what the description forbids in a request's body; an unknown field too."""
    operation = _operation(method, template)
    content = _resolved((operation or {}).get("requestBody", {})).get("content", {})
    if "application/json" not in content:
        return []
    if body is None:
        required = (operation or {}).get("requestBody", {}).get("required", False)
        return ["body: a JSON object is required"] if required else []
    schema = content["application/json"]["schema"]
    where = f"urn:api#/paths/{_escaped(template)}/{method.lower()}/requestBody/content"
    problems = _problems(f"{where}/application~1json/schema", body)
    known = schema.get("properties")
    if isinstance(body, dict) and known:
        known = {*known, *TOLERATED.get((method, template), ())}
        problems += [f"body: {name} is not known" for name in body if name not in known]
    return problems


def answer_problems(method: str, template: str, status: int, body: Any) -> list[str]:
    """Return what the description forbids in an answer."""
    operation = _operation(method, template)
    if operation is None:
        return []
    responses = operation["responses"]
    if str(status) not in responses:
        return [f"status {status} is not described"]
    response = _resolved(responses[str(status)])
    if "application/json" not in response.get("content", {}):
        return []
    reference = responses[str(status)].get("$ref")
    where = f"/paths/{_escaped(template)}/{method.lower()}/responses/{status}"
    where = reference[1:] if reference else where
    return _problems(f"urn:api#{where}/content/application~1json/schema", body)


def hook_problems(event: str, payload: Any) -> list[str]:
    """Return what the description forbids in a webhook's payload."""
    name = f"{event}${payload['action']}" if "action" in payload else f"{event}$event"
    if name not in hooks()["definitions"]:
        return [f"{name} is not described"]
    return _problems(f"urn:hooks#/definitions/{name}", payload)


def example(name: str) -> Any:
    """Return a published example of an answer, to be filled with what is true."""
    return copy.deepcopy(api()["components"]["examples"][name]["value"])
