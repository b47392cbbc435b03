"""Which packages a piece of code uses: imports by language, what comes with the language; pure."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from triage.languages import language_of

_FAMILIES = {"tsx": "javascript", "typescript": "javascript", "kotlin": "java"}
_PYTHON = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>[\w.]+)[ \t]+import\b|import[ \t]+(?P<names>[\w., \t]+))",
    re.MULTILINE,
)
_JAVASCRIPT = re.compile(
    r"""(?:\bfrom|\brequire\(|\bimport\(|^[ \t]*import)[ \t]*["'](?P<source>[^"'\n]{1,200})["']""",
    re.MULTILINE,
)
_GO_BLOCK = re.compile(
    r"^[ \t]*import[ \t]*(?:\((?P<block>[^)]*)\)|(?P<line>[^\n(]*))", re.MULTILINE
)
_QUOTED = re.compile(r"[\"`]([\w./~-]{1,200})[\"`]")
_JAVA = re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?(?P<source>[\w.]+)", re.MULTILINE)
_RUBY = re.compile(r"^[ \t]*require[ \t(]+[\"'](?P<source>[\w/-]{1,100})[\"']", re.MULTILINE)
_NODE = frozenset({
    "assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console",
    "constants", "crypto", "dgram", "diagnostics_channel", "dns", "domain", "events", "fs",
    "http", "http2", "https", "inspector", "module", "net", "os", "path", "perf_hooks",
    "process", "punycode", "querystring", "readline", "repl", "stream", "string_decoder",
    "sys", "test", "timers", "tls", "tty", "url", "util", "v8", "vm", "wasi",
    "worker_threads", "zlib",
})  # fmt: skip
_JDK = ("java", "javax", "jdk", "kotlin", "sun", "org.w3c", "org.xml")
_RUBY_OWN = frozenset({
    "base64", "bigdecimal", "cgi", "csv", "date", "digest", "erb", "fileutils", "find",
    "forwardable", "json", "logger", "net", "open-uri", "open3", "openssl", "optparse",
    "pathname", "pp", "psych", "securerandom", "set", "shellwords", "singleton", "socket",
    "stringio", "strscan", "tempfile", "time", "timeout", "tmpdir", "tsort", "uri", "weakref",
    "yaml", "zlib",
})  # fmt: skip
# The name in an import, where the package is called otherwise.
_PACKAGE_OF_IMPORT = {
    "attr": "attrs", "bs4": "beautifulsoup4", "crypto": "pycryptodome", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "dotenv": "python-dotenv", "git": "gitpython",
    "jose": "python-jose", "jwt": "pyjwt", "ldap": "python-ldap", "magic": "python-magic",
    "mysqldb": "mysqlclient", "openssl": "pyopenssl", "pil": "pillow",
    "psycopg2": "psycopg2-binary", "rest-framework": "djangorestframework",
    "sklearn": "scikit-learn", "yaml": "pyyaml",
}  # fmt: skip
# What is installed because another package needs it, and used beside it.
_BROUGHT_BY = {
    "asgiref": ("django",), "certifi": ("requests",), "click": ("flask",),
    "itsdangerous": ("flask",), "jinja2": ("flask",), "markupsafe": ("flask", "jinja2"),
    "pydantic": ("fastapi",), "sqlparse": ("django",), "starlette": ("fastapi",),
    "urllib3": ("requests",), "werkzeug": ("flask",),
    "cookie": ("express",), "qs": ("express",), "body-parser": ("express",),
}  # fmt: skip


def language_of_path(path: str) -> str:
    """Return the language whose packages a file uses; blank where that is not known."""
    language = language_of(path) or ""
    family = _FAMILIES.get(language, language)
    return family if family in _READERS else ""


def imports_in(text: str, *, language: str) -> set[str]:
    """Return the plain names of the packages that code imports, those of the language aside."""
    reader = _READERS.get(language)
    return {plain_name(name) for name in reader(text)} - {""} if reader else set()


def local_names(path: str) -> set[str]:
    """Return the names under which a project's own code is imported, as far as a path tells."""
    parts = PurePosixPath(path).parts
    return {plain_name(PurePosixPath(part).stem) for part in parts}


def plain_name(name: str) -> str:
    """Return a package's name as it is compared: in small letters, with `-` for `_` and `.`."""
    lowered = name.strip().lower()
    return lowered if "/" in lowered else re.sub(r"[-_.]+", "-", lowered)


def is_declared(name: str, declared: frozenset[str]) -> bool:
    """Say whether a plain name is among declared ones, by itself or through another."""
    names = {name, _PACKAGE_OF_IMPORT.get(name, name), name.removesuffix("-binary")}
    if names & declared or any(giver in declared for giver in _BROUGHT_BY.get(name, ())):
        return True
    if "/" in name:
        # A package of a Go module; a declared module is a beginning of its path.
        return any(name.startswith(f"{known}/") for known in declared if "/" in known)
    return any(known.startswith(f"{name}-") for known in declared) if "-" in name else False


def _python(text: str) -> Iterator[str]:
    for found in _PYTHON.finditer(text):
        names = [found["source"]] if found["source"] else found["names"].split(",")
        for name in names:
            root = name.split()[0].split(".")[0] if name.strip() else ""
            if root and root not in sys.stdlib_module_names and root != "__future__":
                yield root


def _javascript(text: str) -> Iterator[str]:
    for found in _JAVASCRIPT.finditer(text):
        source = found["source"]
        if source.startswith((".", "/", "@/", "~", "#", "node:")):
            continue
        parts = source.split("/")
        name = "/".join(parts[:2]) if source.startswith("@") else parts[0]
        if name not in _NODE:
            yield name


def _go(text: str) -> Iterator[str]:
    for found in _GO_BLOCK.finditer(text):
        for path in _QUOTED.findall(found["block"] or found["line"] or ""):
            if "." in path.split("/")[0]:
                yield path


def _java(text: str) -> Iterator[str]:
    for found in _JAVA.finditer(text):
        parts = found["source"].split(".")
        name = ".".join(parts[:2])
        if len(parts) > 1 and parts[0] not in _JDK and name not in _JDK:
            yield name


def _ruby(text: str) -> Iterator[str]:
    for found in _RUBY.finditer(text):
        root = found["source"].split("/")[0]
        if root not in _RUBY_OWN:
            yield root


_READERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "go": _go,
    "java": _java,
    "javascript": _javascript,
    "python": _python,
    "ruby": _ruby,
}
