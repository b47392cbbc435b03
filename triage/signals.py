"""Rules of thumb: what the code around a match says, without asking anybody."""

from triage.context import JudgeContext
from triage.signs import Sign

SIGNALS_VERSION = "1"


def find_signs(context: JudgeContext) -> tuple[Sign, ...]:
    """Return every sign in the code of a finding, the weightiest first."""
    return ()
