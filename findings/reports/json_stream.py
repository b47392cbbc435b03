"""Reads a JSON object member by member and its big arrays item by item.

A report of 50,000 findings, read whole, takes six times its size in memory; read so, one item.
"""

import json
import re
from collections.abc import Collection, Generator, Iterator
from typing import Any, NoReturn

from findings.reports.values import InvalidReportError

_skip_blank = re.compile(r"[ \t\n\r]*").match


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidReportError(f"{name} is not JSON; write a number or null.", field="$")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def members(text: str, *, streamed: Collection[str]) -> Iterator[tuple[str, int | None, Any]]:
    """Yield each member of the object `text` as (key, None, value).

    Of the arrays named in `streamed`, every item is yielded on its own as (key, index, item); an
    empty one is yielded as any other member.
    Raises InvalidReportError for what is not one JSON object, and for a member that comes twice.
    """
    seen: set[str] = set()
    at = _expect(text, 0, "{", "$")
    while not _is_next(text, at, "}"):
        if seen:
            at = _expect(text, at, ",", "$")
        key, at = _value(text, at, "$")
        if not isinstance(key, str) or key in seen:
            raise InvalidReportError(f"The member {key!r:.80} stands there twice.", field="$")
        seen.add(key)
        at = _expect(text, at, ":", f"$.{key}")
        if key in streamed and _is_next(text, at, "["):
            at = yield from _items(text, at, key)
        else:
            value, at = _value(text, at, f"$.{key}")
            yield key, None, value
    _expect_end(text, _expect(text, at, "}", "$"))


def _items(text: str, at: int, key: str) -> Generator[tuple[str, int | None, Any], None, int]:
    index = 0
    at = _expect(text, at, "[", f"$.{key}")
    while not _is_next(text, at, "]"):
        if index:
            at = _expect(text, at, ",", f"$.{key}")
        item, at = _value(text, at, f"$.{key}[{index}]")
        yield key, index, item
        index += 1
    if not index:
        yield key, None, []
    return _expect(text, at, "]", f"$.{key}")


def _value(text: str, at: int, path: str) -> tuple[Any, int]:
    start = _after_blank(text, at)
    try:
        return _decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        _refuse(text, error.pos, path)
    except RecursionError as error:
        raise InvalidReportError("The JSON is nested too deep.", field=path) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise InvalidReportError("A number is too long.", field=path) from error


def _after_blank(text: str, at: int) -> int:
    match = _skip_blank(text, at)
    return match.end() if match else at


def _is_next(text: str, at: int, sign: str) -> bool:
    return text.startswith(sign, _after_blank(text, at))


def _expect(text: str, at: int, sign: str, path: str) -> int:
    start = _after_blank(text, at)
    if not text.startswith(sign, start):
        _refuse(text, start, path)
    return start + 1


def _expect_end(text: str, at: int) -> None:
    start = _after_blank(text, at)
    if start < len(text):
        _refuse(text, start, "$")


def _refuse(text: str, at: int, path: str) -> NoReturn:
    whole = text.strip()
    if _after_blank(text, at) >= len(text.rstrip()) or (
        whole.startswith("{") and not whole.endswith("}")
    ):
        raise InvalidReportError(
            f"The JSON ends in the middle, after {len(text):,} characters: it was cut off on its"
            " way. Send it again whole.",
            field=path,
        )
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    raise InvalidReportError(
        f"This is not JSON of the expected form at line {line}, column {column}.", field=path
    )
