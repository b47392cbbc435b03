"""Why a fix is proven or refused: the words that programs read, and a sentence for people."""

from enum import StrEnum


class Reason(StrEnum):
    """The outcome of a proof. All but `OK` are refusals."""

    OK = "ok"
    NO_CHANGE = "no_change"
    DOES_NOT_APPLY = "does_not_apply"
    TOUCHES_OTHER_FILE = "touches_other_file"
    TOO_LARGE = "too_large"
    SUPPRESSION = "suppression"
    SYNTAX_ERROR = "syntax_error"
    DELETES_CODE = "deletes_code"
    STILL_FIRES = "still_fires"
    NEW_FINDING = "new_finding"
    CHECK_FAILED = "check_failed"

    @property
    def sentence(self) -> str:
        """The reason as a page says it."""
        return SENTENCES[self]


SENTENCES = {
    Reason.OK: "All checks passed.",
    Reason.NO_CHANGE: "It changes no code.",
    Reason.DOES_NOT_APPLY: "It does not apply to the file, or could apply in several places.",
    Reason.TOUCHES_OTHER_FILE: "It touches another file than the one with the finding.",
    Reason.TOO_LARGE: "It changes more than a fix of one finding needs.",
    Reason.SUPPRESSION: "It silences a checker instead of changing the code.",
    Reason.SYNTAX_ERROR: "The file no longer parses.",
    Reason.DELETES_CODE: "It deletes or disables code beyond the need.",
    Reason.STILL_FIRES: "The weakness is still there.",
    Reason.NEW_FINDING: "A rule fires where none did before.",
    Reason.CHECK_FAILED: "A check could not run, so nothing is proven.",
}
