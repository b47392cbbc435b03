"""The project at GitLab that these tests speak of."""

from integrations.markers import marker
from integrations.review_hosts import Draft, Place

NAME = "acme/web/shop"
BOT = "project_7_bot_ab12"
VIEWS = "".join(f"line {number}\n" for number in range(1, 21))
# Line 3 becomes two lines, line 10 goes, and two lines are added at the end.
CHANGED = (
    VIEWS.replace("line 3\n", "line 3a\nline 3b\n").replace("line 10\n", "") + "added 1\nadded 2\n"
)


def a_draft(key, *, path="", start=0, end=0):
    """A comment with its mark, at lines or in the conversation."""
    place = Place(path=path, start_line=start, end_line=end or start) if path else None
    return Draft(key=key, body=f"About {key}\n\n{marker(key)}", place=place)
