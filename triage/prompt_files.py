"""The judge's prompts to choose from: ours, and those that the operator keeps in a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from llm.prompts import Prompt, PromptError, load_prompt
from triage.rendering import JUDGE_PROMPT

_OURS = Path(__file__).parent / "prompts"
_PATTERN = "judge*.md"
MAX_FILES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptChoice:
    """A prompt's file; `problem` says why it cannot be used, where it cannot."""

    name: str
    prompt: Prompt | None
    problem: str = ""


def judge_prompts() -> list[PromptChoice]:
    """Return the prompts to choose from, the one in use first.

    JUDGE_PROMPTS_DIR may hold further files `judge*.md`; ours win over those of the same name.
    """
    found: dict[str, PromptChoice] = {}
    for path in [*_files(_OURS), *_files(_operators_folder())]:
        found.setdefault(path.name, _choice(path))
    return sorted(found.values(), key=lambda one: (one.name != JUDGE_PROMPT.name, one.name))


def find_prompt(name: str) -> Prompt | None:
    """Return a prompt by its file's name; None for one that is not there or cannot be used."""
    return next((one.prompt for one in judge_prompts() if one.name == name), None)


def _operators_folder() -> Path | None:
    return Path(settings.JUDGE_PROMPTS_DIR) if settings.JUDGE_PROMPTS_DIR else None


def _files(folder: Path | None) -> Iterator[Path]:
    if folder is not None and folder.is_dir():
        yield from sorted(folder.glob(_PATTERN))[:MAX_FILES]


def _choice(path: Path) -> PromptChoice:
    try:
        prompt = load_prompt(path)
    except (OSError, UnicodeDecodeError, PromptError) as error:
        return PromptChoice(name=path.name, prompt=None, problem=str(error))
    if prompt.slots != JUDGE_PROMPT.slots:
        missing = ", ".join(sorted(JUDGE_PROMPT.slots - prompt.slots))
        unknown = ", ".join(sorted(prompt.slots - JUDGE_PROMPT.slots))
        problem = f"Its slots must be those of {JUDGE_PROMPT.name}."
        problem += f" Missing: {missing}." if missing else ""
        problem += f" Unknown: {unknown}." if unknown else ""
        return PromptChoice(name=path.name, prompt=None, problem=problem)
    return PromptChoice(name=path.name, prompt=prompt)
