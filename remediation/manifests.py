"""Which packages a project declares, read from the manifest at the root of its repository."""

import functools
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.codehosts import CodeHostBusyError, CodeUnavailableError
from integrations.selectors import code_host_for
from remediation.packages import language_of_path, plain_name
from tenants.models import Project
from tenants.scope import current_organization_id

MAX_NAMES = 400
MAX_VERSIONS = 2000
MAX_MANIFEST_CHARACTERS = 200_000
_NPM_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_REQUIREMENT = re.compile(r"^[ \t]*([A-Za-z0-9][A-Za-z0-9._-]{0,100})", re.MULTILINE)
_GO_MODULE = re.compile(
    r"^[ \t]*(?:require[ \t]+|module[ \t]+)?([\w.-]+\.[a-z]+/[\w./~-]+)", re.MULTILINE
)
_MAVEN = re.compile(r"<(?:artifactId|groupId)>[ \t]*([\w.-]{1,200})[ \t]*<")
_GEM = re.compile(r"^[ \t]*gem[ \t(]+[\"']([\w-]{1,100})[\"']", re.MULTILINE)
_VERSION = re.compile(r"\d+(?:\.\d+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The packages that a project declares, and the versions that its manifest names."""

    names: tuple[str, ...] = ()
    versions: frozenset[str] = frozenset()

    @property
    def plain_names(self) -> frozenset[str]:
        """The names as they are compared."""
        return frozenset(plain_name(name) for name in self.names)


def manifest_for(*, project: Project, path: str, commit: str) -> Manifest:
    """Return what a project declares for a file's language; empty where nothing can be read."""
    language = language_of_path(path)
    if not language or not commit:
        return Manifest()
    try:
        return _read(current_organization_id(), project.pk, commit, language)
    except (CodeUnavailableError, CodeHostBusyError):
        # What is declared helps, but no remedy should wait for it.
        return Manifest()


@functools.lru_cache(maxsize=128)
def _read(_organization_id: int, project_id: int, commit: str, language: str) -> Manifest:
    """Read once for all findings of a scan: a commit never changes."""
    host = code_host_for(Project.objects.get(pk=project_id))
    names: list[str] = []
    versions: set[str] = set()
    for path, parse in _MANIFESTS[language].items():
        try:
            text = host.read_file(path=path, commit=commit).text[:MAX_MANIFEST_CHARACTERS]
        except CodeUnavailableError:
            continue
        names += list(_parsed(parse, text))[:MAX_NAMES]
        versions.update(_VERSION.findall(text)[:MAX_VERSIONS])
    return Manifest(names=tuple(dict.fromkeys(names)), versions=frozenset(versions))


def _parsed(parse: "Callable[[str], Iterator[str]]", text: str) -> Iterator[str]:
    try:
        yield from parse(text)
    except (ValueError, RecursionError, AttributeError, TypeError):
        # A manifest that is not as it should be declares nothing.
        return


def _requirements(text: str) -> Iterator[str]:
    yield from _REQUIREMENT.findall(text)


def _pyproject(text: str) -> Iterator[str]:
    document = tomllib.loads(text)
    project = document.get("project", {})
    groups = [
        project.get("dependencies", []),
        *project.get("optional-dependencies", {}).values(),
        *document.get("dependency-groups", {}).values(),
    ]
    for requirement in (entry for group in groups for entry in group):
        if isinstance(requirement, str) and (found := _REQUIREMENT.match(requirement)):
            yield found[1]
    yield from (str(name) for name in [project.get("name")] if name)
    poetry = document.get("tool", {}).get("poetry", {})
    yield from poetry.get("dependencies", {})
    for group in poetry.get("group", {}).values():
        yield from group.get("dependencies", {})


def _package_json(text: str) -> Iterator[str]:
    document: Any = json.loads(text)
    for table in _NPM_TABLES:
        yield from (str(name)[:200] for name in document.get(table) or {})


def _all_of(pattern: re.Pattern[str]) -> "Callable[[str], Iterator[str]]":
    return lambda text: iter(pattern.findall(text))


_MANIFESTS: Mapping[str, Mapping[str, Callable[[str], Iterator[str]]]] = {
    "go": {"go.mod": _all_of(_GO_MODULE)},
    "java": {"pom.xml": _all_of(_MAVEN)},
    "javascript": {"package.json": _package_json},
    "python": {"requirements.txt": _requirements, "pyproject.toml": _pyproject},
    "ruby": {"Gemfile": _all_of(_GEM)},
}
