"""Rules to start from in the editor, each with test code that it passes."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("starter_texts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """A rule to start from; `name` is the word for it in addresses."""

    name: str
    title: str
    purpose: str
    text: str
    test_code: str


def _starter(name: str, *, title: str, purpose: str) -> Starter:
    return Starter(
        name=name,
        title=title,
        purpose=purpose,
        text=(FOLDER / f"{name}.yml").read_text(encoding="utf-8"),
        test_code=(FOLDER / f"{name}.test.txt").read_text(encoding="utf-8"),
    )


STARTERS = {
    starter.name: starter
    for starter in (
        _starter(
            "search",
            title="Search",
            purpose="Code of one shape, wherever it stands.",
        ),
        _starter(
            "taint",
            title="Taint",
            purpose="Values that come from outside and reach a dangerous place.",
        ),
        _starter(
            "comparison",
            title="Compared value (metavariable-comparison)",
            purpose="Code whose number or text is too small, too large or the wrong one.",
        ),
        _starter(
            "pattern",
            title="Pattern in a part (metavariable-pattern)",
            purpose="Code of one shape, a part of which must have a shape of its own.",
        ),
    )
}
