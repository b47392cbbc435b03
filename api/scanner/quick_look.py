"""A first look at results, cheap enough for the door; the ingest looks at everything."""

from api.bodies import InvalidJsonError, parse
from api.scanner import shapes

# A larger body would hold up the answers to others; its ingest finds out what is wrong.
LARGEST_PARSED_BYTES = 4 * 1024 * 1024


def look_at_results(body: bytes) -> None:
    """Raise InvalidInputError for results that no ingest will take; they are kept all the same."""
    if not (body.lstrip()[:1] == b"{" and body.rstrip()[-1:] == b"}"):
        raise InvalidJsonError(
            "The results are not a whole JSON object: they were cut off on the way, or are"
            " something else. They are kept; scan again."
        )
    if len(body) <= LARGEST_PARSED_BYTES:
        parse(shapes.Results, body)
