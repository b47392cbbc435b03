"""Whether a file still parses, by the grammar that reads it; pure."""

import json
import tomllib
import warnings
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from xml.parsers import expat

import yaml
from tree_sitter import Node

from remediation.comparison.trees import Pair, text_of

READERS: Mapping[str, str] = {
    ".json": "json",
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".xml": "xml",
    ".py": "python",
    ".pyi": "python",
    ".pyw": "python",
}


def parse_problem(*, path: str, before: str, after: str, pair: Pair | None) -> tuple[bool, str]:
    """Return whether a reader was at hand, and why the new text does not parse, else ""."""
    name = READERS.get(PurePosixPath(path).suffix.lower())
    read = _READ.get(name or "")
    was_readable = read is not None and not read(before)
    if read is not None and was_readable:
        problem = read(after)
        if problem:
            return True, problem
    if pair is not None:
        return True, _tree_problem(pair)
    return was_readable, ""


def _tree_problem(pair: Pair) -> str:
    """Return where the new tree has more errors than the old one."""
    new = _errors(pair.after.root_node)
    if len(new) <= len(_errors(pair.before.root_node)):
        return ""
    first = new[0]
    near = " ".join(text_of(first).split())[:60]
    return f"The syntax is broken near line {first.start_point.row + 1}" + (
        f": `{near}`." if near else "."
    )


def _errors(root: Node) -> list[Node]:
    """Return the nodes that stand for what the grammar could not read, or misses."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        if node.has_error:
            stack.extend(reversed(node.children))
    return found


def _read_python(text: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "file.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"Python cannot read it: {error.msg}, line {error.lineno}."
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return "Python cannot read it."
    return ""


def _read_with(load: Callable[[str], object], name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            load(text)
        except (ValueError, RecursionError, yaml.YAMLError, expat.ExpatError):
            return f"It is no longer {name}."
        return ""

    return read


def _load_xml(text: str) -> None:
    parser = expat.ParserCreate()
    # Entities are never unfolded: they could grow without end.
    parser.EntityDeclHandler = _refuse_entity
    parser.Parse(text.encode("utf-8", "surrogateescape"), True)  # noqa: FBT003 C's interface


def _refuse_entity(*_declaration: object) -> None:
    raise ValueError("It declares an entity.")


def _load_yaml(text: str) -> None:
    for _event in yaml.parse(text, Loader=yaml.CSafeLoader):
        pass


_READ: Mapping[str, Callable[[str], str]] = {
    "json": _read_with(json.loads, "JSON"),
    "toml": _read_with(tomllib.loads, "TOML"),
    "yaml": _read_with(_load_yaml, "YAML"),
    "xml": _read_with(_load_xml, "XML"),
    "python": _read_python,
}
