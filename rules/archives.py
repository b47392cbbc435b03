"""Archives that somebody uploads: their plain files, read within limits; pure.

Nothing is written to disk: a name is only what we call a file. What an archive unfolds to is
counted while it is read, so that no bomb goes off.
"""

import gzip
import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from core.errors import ProblemError

MEBIBYTE = 1024 * 1024
MAX_UPLOAD_BYTES = 20 * MEBIBYTE
MAX_UNPACKED_BYTES = 64 * MEBIBYTE
MAX_ENTRIES = 10_000
MAX_FILE_BYTES = MEBIBYTE
MAX_NAME_LENGTH = 300
_ZIP_ENTRY = b"PK\x01\x02"
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_START = b"\x1f\x8b"
# The others fail in ways of their own, and what they need to unpack is said by the archive.
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DRIVE = re.compile(r"[A-Za-z]:")
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
)
Wanted = Callable[[str], bool]


class ArchiveRefusedError(ProblemError):
    """Nothing of an archive, or of what came with it, can be taken."""

    code = "archive_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What an archive has under a name; `problem` says why it is not taken, or is blank."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The names in an archive, and how to read those that are wanted."""

    members: tuple[Member, ...]
    read: Callable[[Wanted], Mapping[str, bytes]]


def is_archive(body: bytes) -> bool:
    """Say whether these bytes begin like an archive that we can open."""
    return body.startswith((*_ZIP_STARTS, _GZIP_START))


def open_archive(body: bytes, *, name: str) -> Archive:
    """Look into a zip or tar.gz archive; raise ArchiveRefusedError."""
    try:
        if body.startswith(_GZIP_START):
            members = tuple(member for member, _content in _walk_tar(body, _nothing))
            return Archive(members=members, read=lambda wanted: _read_tar(body, wanted, name))
        if body.count(_ZIP_ENTRY) > MAX_ENTRIES:
            raise _too_many()
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = tuple(_member_of_zip(entry) for entry in archive.infolist())
        return Archive(members=members, read=lambda wanted: _read_zip(body, wanted, name))
    except _BROKEN as error:
        raise _broken(name) from error


def problem_of_name(name: str) -> str:
    """Return why a file of this name is not taken; blank where it may be."""
    parts = name.split("/")
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        return f"its name is empty, has control characters or more than {MAX_NAME_LENGTH} signs."
    if name.startswith("/") or "\\" in name or _DRIVE.match(name) or {"..", "."} & set(parts):
        return "its name leads out of the archive: use plain names below one folder."
    return ""


def too_large() -> ArchiveRefusedError:
    """Return the error of what unpacks to too much."""
    return ArchiveRefusedError(
        f"files: it unpacks to more than {MAX_UNPACKED_BYTES // MEBIBYTE} MiB; import it in parts.",
        field="files",
    )


def _nothing(_name: str) -> bool:
    return False


def _read_zip(body: bytes, wanted: Wanted, name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for entry in archive.infolist():
                if _member_of_zip(entry).problem or not wanted(entry.filename):
                    continue
                with archive.open(entry) as stream:
                    content = stream.read(MAX_FILE_BYTES + 1)
                left -= len(content)
                if left < 0:
                    raise too_large()
                found.setdefault(entry.filename, content)
    except _BROKEN as error:
        raise _broken(name) from error
    return found


def _read_tar(body: bytes, wanted: Wanted, name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        for member, content in _walk_tar(body, wanted):
            if content is not None:
                found.setdefault(member.name, content)
    except _BROKEN as error:
        raise _broken(name) from error
    return found


def _walk_tar(body: bytes, wanted: Wanted) -> Iterator[tuple[Member, bytes | None]]:
    """Yield each member, with its content where it is a wanted file."""
    stream = _Bounded(gzip.GzipFile(fileobj=io.BytesIO(body)))
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for count, entry in enumerate(archive, start=1):
            if count > MAX_ENTRIES:
                raise _too_many()
            if entry.isdir():
                continue
            member = Member(name=_tidy(entry.name), problem=_problem_of_tar(entry))
            content = None
            if not member.problem and wanted(member.name):
                file = archive.extractfile(entry)
                content = file.read(MAX_FILE_BYTES + 1) if file else None
            yield member, content


def _member_of_zip(entry: zipfile.ZipInfo) -> Member:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    problem = problem_of_name(entry.filename.removesuffix("/"))
    if not problem and kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        problem = "it is a link or a device: put the file itself there."
    elif not problem and entry.flag_bits & 1:
        problem = "it is encrypted: pack it without a password."
    elif not problem and entry.compress_type not in _ZIP_METHODS:
        problem = "it is packed in a rare way: pack it with plain zip (deflate)."
    return Member(name=entry.filename, problem=problem)


def _problem_of_tar(entry: tarfile.TarInfo) -> str:
    problem = problem_of_name(_tidy(entry.name))
    if not problem and (not entry.isreg() or entry.issparse()):
        return "it is a link or a device: put the file itself there."
    return problem


def _tidy(name: str) -> str:
    """Return a name without the `./` that `tar` puts before those of the current folder."""
    return name.removeprefix("./")


class _Bounded(io.RawIOBase):
    """A stream that ends with an error once it gave more than we take."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self._left = MAX_UNPACKED_BYTES

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        most = self._left + 1
        piece = self._stream.read(most if size < 0 else min(size, most))
        self._left -= len(piece)
        if self._left < 0:
            raise too_large()
        return piece


def _too_many() -> ArchiveRefusedError:
    return ArchiveRefusedError(
        f"files: it has more than {MAX_ENTRIES:,} entries; import it in parts.", field="files"
    )


def _broken(name: str) -> ArchiveRefusedError:
    return ArchiveRefusedError(
        f"files: {name} is not a zip or tar.gz archive that can be read; pack it anew.",
        field="files",
    )
