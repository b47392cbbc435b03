"""Names that a model may have invented: packages, versions and hashes that nothing knows."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from remediation.manifests import Manifest
from remediation.packages import imports_in, is_declared, local_names, plain_name

MAX_FLAGGED = 20
MAX_NAME_CHARACTERS = 100
_FENCE = re.compile(r"```[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_INSTALL = re.compile(
    r"\b(?:(?:pip3?|uv[ ]pip|uv|poetry|pipenv)[ ](?:install|add)|npm[ ](?:install|i|add)|yarn[ ]add"
    r"|pnpm[ ](?:install|i|add)|go[ ](?:get|install)|gem[ ]install|bundle[ ]add|cargo[ ]add"
    r"|composer[ ]require|dotnet[ ]add[ ]package)[ ]+(?P<packages>[^\n`;&|)]{1,300})"
)
_NAMED = re.compile(
    r"`([A-Za-z@][\w@./-]{1,80})`[ ](?:package|library|module)\b"
    r"|\b(?:package|library|module)[ ]`([A-Za-z@][\w@./-]{1,80})`"
)
_PACKAGE = re.compile(r"@?[A-Za-z][\w.-]*(?:/[\w.-]+)*")
_OPERATOR = r"(?:==|~=|>=|<=|!=)"
_NUMBER = r"\d+(?:\.\d+)+(?:[-+.]?[A-Za-z][\w.]{0,20})?"
# Each has one group: what is replaced. Four numbers with dots are an address.
_VERSIONS = (
    re.compile(rf"(?<=[\w\]\"'])[ ]?{_OPERATOR}[ ]?(v?{_NUMBER})(?!\.?\d)"),
    re.compile(r"(?<=[\w-])@([~^]?v?\d[\w.+-]{0,30}\w|[~^]?v?\d)(?![\w.]*@)"),
    re.compile(rf"\b(?i:versions?|release)[ ](v?{_NUMBER}|\d+\.x)(?!\.?\d)"),
    re.compile(r"(?<=<version>)([^<\n]{1,40})(?=<)"),
    re.compile(r"(?<![\w.])(v?\d+\.\d+\.\d+(?:[-+][\w.]{1,20})?)(?!\.?\d)"),
)
_HASHES = (
    re.compile(r"\b(sha(?:256|384|512)-[A-Za-z0-9+/]{20,}={0,2})"),
    re.compile(r"(?<![\w])([0-9a-fA-F]{32,128})(?![\w])"),
)
_PINNED = re.compile(rf"{_OPERATOR}[ ]?(\d[\w.]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What stands in the material: nothing else may be called by name as if it existed."""

    language: str
    names: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A text without what it invents, and what that was."""

    text: str
    invented: tuple[str, ...]


def known_names(
    *, path: str, text: str, language: str, manifest: Manifest, told: Iterable[str]
) -> Known:
    """Return what is known of names from a file, its manifest, and the words that were told."""
    words = frozenset(_words([text, *told])) | manifest.versions
    told_names = frozenset(plain_name(word) for word in _words(told))
    names = imports_in(text, language=language) | local_names(path)
    return Known(
        language=language, names=manifest.plain_names | told_names | frozenset(names), words=words
    )


def unknown_imports(text: str, known: Known) -> list[str]:
    """Return the packages that a piece of code imports and nothing at hand knows, sorted."""
    found = imports_in(text, language=known.language)
    return sorted(name for name in found if not is_declared(name, known.names))


def unknown_packages(markdown: str, known: Known) -> list[str]:
    """Return the packages that a text imports, installs or speaks of and nothing knows, sorted."""
    found = {name for code in _FENCE.findall(markdown) for name in unknown_imports(code, known)}
    found |= {
        name for name in map(plain_name, _spoken_of(markdown)) if not is_declared(name, known.names)
    }
    return [name[:MAX_NAME_CHARACTERS] for name in sorted(found)][:MAX_FLAGGED]


def without_inventions(markdown: str, known: Known) -> Checked:
    """Put a placeholder for each version and hash that stands nowhere in the material."""
    invented: list[str] = []
    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(markdown):
        parts.append(_cleaned(markdown[end : code.start()], known, invented, quote="`"))
        parts.append(_cleaned(code[0], known, invented, quote=""))
        end = code.end()
    parts.append(_cleaned(markdown[end:], known, invented, quote="`"))
    flagged = tuple(dict.fromkeys(invented))[:MAX_FLAGGED]
    return Checked(text="".join(parts), invented=flagged)


def _cleaned(text: str, known: Known, invented: list[str], *, quote: str) -> str:
    for kind, patterns in (("hash", _HASHES), ("version", _VERSIONS)):
        for pattern in patterns:
            text = _replaced(text, pattern, known, invented, f"{quote}<{kind}>{quote}")
    return _INSTALL.sub(lambda found: _unpinned(found, known, invented), text)


def _replaced(
    text: str, pattern: re.Pattern[str], known: Known, invented: list[str], placeholder: str
) -> str:
    def replacement(found: re.Match[str]) -> str:
        value = found[1]
        if value.strip("`<>") in {"version", "hash"} or _is_known(value, known):
            return found[0]
        invented.append(f"{placeholder.strip('`<>')} {value}"[:MAX_NAME_CHARACTERS])
        start, end = found.start(1) - found.start(), found.end(1) - found.start()
        return f"{found[0][:start]}{placeholder}{found[0][end:]}"

    return pattern.sub(replacement, text)


def _unpinned(found: re.Match[str], known: Known, invented: list[str]) -> str:
    """Take also plain numbers out of a command that installs."""
    return _replaced(found[0], _PINNED, known, invented, "<version>")


def _is_known(value: str, known: Known) -> bool:
    plain = value.lstrip("~^v")
    return value in known.words or plain in known.words or f"v{plain}" in known.words


def _spoken_of(markdown: str) -> Iterator[str]:
    for command in _INSTALL.finditer(markdown):
        follows_flag = False
        for word in command["packages"].split():
            is_flag = word.startswith("-")
            found = _PACKAGE.match(word.strip("\"'"))
            if found and not is_flag and not follows_flag:
                yield found[0]
            # What follows `-r` is a file.
            follows_flag = word in {"-r", "-c", "-e", "--requirement", "--constraint"}
    for before, after in _NAMED.findall(markdown):
        yield before or after


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from re.findall(r"[\w@./+=-]+", text)
        yield from re.findall(r"\d+(?:\.\d+)+|[\w-]+", text)
