"""By which names a file calls what it imports; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# The language's own names may be called through these.
GLOBALS = frozenset({
    "builtins", "__builtins__", "window", "globalThis", "global", "self", "this", "Kernel",
    "Object", "java", "lang", "__builtin__", "node",
})  # fmt: skip
MODULE_AS = re.compile(r"^\s*import\s+([\w.]+)\s+as\s+(\w+)", re.MULTILINE)
FROM = re.compile(r"^\s*from\s+([\w.]+)\s+import\s+\(?([^)\n#]+)", re.MULTILINE)
LOADED = re.compile(
    r"(?<!\w)(\w+)\s*=\s*(?:require|__import__|(?:importlib\.)?import_module)\(\s*[\"'](?:node:)?([^\"']+)"
)
UNPACKED = re.compile(r"\{([^{}]*)\}\s*=\s*(?:require\(\s*[\"'](?:node:)?([^\"']+)|([\w.]+))")
MODULE_FROM = re.compile(r"import\s+(?:\*\s+as\s+)?(\w+)\s+from\s+[\"'](?:node:)?([^\"']+)")
NAMES_FROM = re.compile(r"import\s+\{([^{}]*)\}\s+from\s+[\"'](?:node:)?([^\"']+)")
GO_AS = re.compile(r"^\s*(?:import\s+)?(\w+)\s+\"([\w./-]+)\"", re.MULTILINE)
EQUALS = re.compile(
    r"^[ \t]*(?:const|let|var|val|final|auto)?[ \t]*([A-Za-z_$]\w*)[ \t]*:?=[ \t]*"
    r"([A-Za-z_]\w*(?:\.\w+){0,4})[ \t]*;?[ \t]*$",
    re.MULTILINE,
)
MOST_STEPS = 5
# Longer ones are data; to look for names in them takes time beyond all measure.
LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Aliases:
    """Names, each with the one that it stands for."""

    names: Mapping[str, str]

    def resolve(self, name: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full name behind the one that a call is made by."""
        for _step in range(MOST_STEPS):
            target = self.names.get(name[0])
            if target is None or target == name[0]:
                break
            name = (*re.split(r"[./]", target), *name[1:])
        while len(name) > 1 and name[0] in GLOBALS:
            name = name[1:]
        return name


def aliases_in(text: str) -> Aliases:
    """Return the aliases that a file's imports and plain assignments make."""
    lines = (line for line in text.split("\n") if len(line) <= LONGEST_LINE)
    return Aliases(names=dict(_pairs("\n".join(lines))))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pattern in (EQUALS, LOADED, MODULE_FROM):
        yield from ((found[1], found[2]) for found in pattern.finditer(text))
    yield from ((found[1], found[2].rpartition("/")[2]) for found in GO_AS.finditer(text))
    yield from ((found[2], found[1]) for found in MODULE_AS.finditer(text))
    for found in FROM.finditer(text):
        yield from _unpacked(found[2], found[1])
    for pattern in (UNPACKED, NAMES_FROM):
        for found in pattern.finditer(text):
            yield from _unpacked(found[1], next(filter(None, found.groups()[1:])))


def _unpacked(names: str, module: str) -> Iterator[tuple[str, str]]:
    for entry in names.split(","):
        words = re.findall(r"\w+", entry)
        if words:
            yield words[-1], f"{module}.{words[0]}"
