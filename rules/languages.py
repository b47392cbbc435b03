"""Languages of rules, and what a file of test code is called in each."""

from collections.abc import Sequence
from pathlib import PurePosixPath

# The names that people choose from come first in their line; the others mean the same.
_SUFFIXES = {
    ".sh": ("bash", "sh"),
    ".c": ("c",),
    ".cpp": ("cpp", "c++"),
    ".cs": ("csharp", "c#"),
    ".cairo": ("cairo",),
    ".clj": ("clojure",),
    ".dart": ("dart",),
    "Dockerfile": ("dockerfile", "docker"),
    ".ex": ("elixir", "ex"),
    ".go": ("go", "golang"),
    ".hack": ("hack",),
    ".html": ("html",),
    ".java": ("java",),
    ".js": ("javascript", "js"),
    ".json": ("json",),
    ".jsonnet": ("jsonnet",),
    ".jl": ("julia",),
    ".kt": ("kotlin", "kt"),
    ".lisp": ("lisp",),
    ".lua": ("lua",),
    ".ml": ("ocaml",),
    ".php": ("php",),
    ".ql": ("ql",),
    ".prom": ("promql",),
    ".py": ("python", "py", "python2", "python3"),
    ".r": ("r",),
    ".rb": ("ruby", "rb"),
    ".rs": ("rust",),
    ".scala": ("scala",),
    ".scm": ("scheme",),
    ".sol": ("solidity", "sol"),
    ".swift": ("swift",),
    ".tf": ("terraform", "hcl", "tf"),
    ".ts": ("typescript", "ts"),
    ".vue": ("vue",),
    ".xml": ("xml",),
    ".yaml": ("yaml",),
    ".txt": ("generic", "none"),
    ".text": ("regex",),
}
_SUFFIX_OF = {name: suffix for suffix, names in _SUFFIXES.items() for name in names}
_MORE_SUFFIXES = {
    ".js": (".jsx", ".mjs", ".cjs"),
    ".ts": (".tsx", ".mts"),
    ".py": (".pyi",),
    ".c": (".h",),
    ".cpp": (".cc", ".cxx", ".hpp", ".h"),
    ".sh": (".bash",),
    ".tf": (".hcl",),
    ".yaml": (".yml",),
    ".kt": (".kts",),
    "Dockerfile": (".dockerfile",),
}
_OTHER_SUFFIXES = {
    ".bash": ".sh",
    ".cc": ".cpp",
    ".cjs": ".js",
    ".cxx": ".cpp",
    ".exs": ".ex",
    ".h": ".c",
    ".hpp": ".cpp",
    ".htm": ".html",
    ".jsx": ".js",
    ".kts": ".kt",
    ".mjs": ".js",
    ".pyi": ".py",
    ".tsx": ".ts",
    ".yml": ".yaml",
}
# What starts a comment, where it is not `//`.
_COMMENTS = {
    "#": (".sh", "Dockerfile", ".ex", ".jl", ".py", ".r", ".rb", ".tf", ".yaml", ".prom", ".txt"),
    ";": (".clj", ".lisp", ".scm"),
    "--": (".lua",),
    "<!--": (".html", ".vue", ".xml"),
    "(*": (".ml",),
}
_COMMENT_OF = {suffix: sign for sign, suffixes in _COMMENTS.items() for suffix in suffixes}
_COMMENT_ENDS = {"<!--": " -->", "(*": " *)"}
# The scanner that we use parses none of these.
_NOT_PARSED = {"elixir", "promql", "ql", "vue"}
LANGUAGES = tuple(sorted({names[0] for names in _SUFFIXES.values()} - _NOT_PARSED))
"""What people may choose from; the scanner knows further names of the same."""


def file_name_of(languages: Sequence[str]) -> str:
    """Return what test code in the first of `languages` is called, so that it is parsed so."""
    suffix = _SUFFIX_OF.get(languages[0].lower(), ".txt")
    return suffix if suffix == "Dockerfile" else f"test{suffix}"


def language_of(path: str) -> str:
    """Return the language of a file by its name; `generic` where the name tells none."""
    name = PurePosixPath(path)
    suffix = "Dockerfile" if name.name == "Dockerfile" else _OTHER_SUFFIXES.get(name.suffix.lower())
    return _SUFFIXES.get(suffix or name.suffix.lower(), ("generic",))[0]


def are_same(one: str, other: str) -> bool:
    """Say whether two names mean the same language."""
    one, other = one.lower(), other.lower()
    return one == other or (one in _SUFFIX_OF and _SUFFIX_OF[one] == _SUFFIX_OF.get(other))


def comment(words: str, *, language: str) -> str:
    """Return `words` as a comment on a line of its own."""
    sign = _COMMENT_OF.get(_SUFFIX_OF.get(language.lower(), ".txt"), "//")
    return f"{sign} {words}{_COMMENT_ENDS.get(sign, '')}"


def suffixes_of(languages: Sequence[str]) -> frozenset[str]:
    """Return what files of code in these languages end with; none where any file may be meant."""
    found = {_SUFFIX_OF.get(language.lower(), ".txt") for language in languages} - {".txt"}
    return frozenset(found).union(*(_MORE_SUFFIXES.get(suffix, ()) for suffix in found))
