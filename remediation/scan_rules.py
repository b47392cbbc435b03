"""The rules that a fix must stand before: those of the project's scans for the file's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.policies import rules_for_scan
from rules.selectors import find_rule
from tenants.models import Project
from triage.languages import language_of

PRODUCTS = ("sast",)
ANY_LANGUAGE = frozenset({"generic", "regex", "none"})
# The scanner's words for the grammars of `language_of`.
_WORDS: Mapping[str, frozenset[str]] = {
    "bash": frozenset({"bash", "sh"}),
    "c": frozenset({"c", "cpp", "c++"}),
    "cpp": frozenset({"cpp", "c++"}),
    "csharp": frozenset({"csharp", "c#"}),
    "go": frozenset({"go", "golang"}),
    "java": frozenset({"java"}),
    "javascript": frozenset({"javascript", "js", "typescript", "ts"}),
    "kotlin": frozenset({"kotlin", "kt"}),
    "php": frozenset({"php"}),
    "python": frozenset({"python", "python2", "python3", "py"}),
    "ruby": frozenset({"ruby", "rb"}),
    "rust": frozenset({"rust", "rs"}),
    "tsx": frozenset({"typescript", "ts", "tsx", "javascript", "js"}),
    "typescript": frozenset({"typescript", "ts"}),
}


class RulesInUse:
    """Rules by their id, and those that apply to a file; each read once."""

    def __init__(self) -> None:
        self._definitions: dict[str, Mapping[str, Any] | None] = {}
        self._served: dict[int, list[dict[str, Any]]] = {}
        self._chosen: dict[tuple[int, frozenset[str]], list[Mapping[str, Any]]] = {}

    def definition(self, check_id: str) -> Mapping[str, Any] | None:
        """Return the rule that reports call `check_id`; None where it is not one of ours."""
        if check_id not in self._definitions:
            rule = find_rule(check_id)
            self._definitions[check_id] = rule.definition if rule else None
        return self._definitions[check_id]

    def for_file(
        self, project: Project, *, path: str, check_id: str
    ) -> Sequence[Mapping[str, Any]]:
        """Return the rules that a scan of the project runs on a file, and the finding's own.

        Equal questions get the same list, so that many proofs can share a run.
        """
        own = self.definition(check_id)
        key = (project.pk, _words_for(path) | _languages(own or {}))
        if key not in self._chosen:
            served = self._served_in(project)
            self._chosen[key] = [rule for rule in served if _languages(rule) & key[1]]
        chosen = self._chosen[key]
        if own is None or any(rule.get("id") == check_id for rule in chosen):
            return chosen
        return [own, *chosen]

    def _served_in(self, project: Project) -> list[dict[str, Any]]:
        if project.pk not in self._served:
            served = rules_for_scan(project=project, products=PRODUCTS)
            self._served[project.pk] = served.definitions
        return self._served[project.pk]


def _words_for(path: str) -> frozenset[str]:
    return ANY_LANGUAGE | _WORDS.get(language_of(path) or "", frozenset())


def _languages(definition: Mapping[str, Any]) -> frozenset[str]:
    languages = definition.get("languages")
    return frozenset(map(str, languages)) if isinstance(languages, list) else frozenset()
