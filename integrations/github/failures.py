"""What GitHub's refusals are in our words, and what people can do about them."""

import contextlib
from collections.abc import Iterator

from github.GithubException import BadAttributeException, GithubException
from pydantic import ValidationError

from core.redaction import redact
from integrations.codehosts import CodeHostBusyError
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError

_LONGEST_WORDS = 200
_UNREADABLE = (
    AssertionError,
    BadAttributeException,
    KeyError,
    RuntimeError,
    ValidationError,
    ValueError,
)


_WRONG_FOR_ALL = ("commitoid", "commit_id", "no commit found", "pending review")


class InvalidRequestError(ReviewRefusedError):
    """GitHub took the request for wrong (422); `words` are GitHub's."""

    def __init__(self, detail: str, *, words: str = "", field: str | None = None) -> None:
        super().__init__(detail, field=field)
        self.words = words

    @property
    def is_about_all(self) -> bool:
        """Say whether the whole review is wrong: its commit, or one of ours that still waits."""
        lower = self.words.lower()
        return any(words in lower for words in _WRONG_FOR_ALL)


@contextlib.contextmanager
def in_our_words(*, needs: str) -> Iterator[None]:
    """Turn what PyGithub raises inside the block into our errors.

    `needs` names the permission that the call needs: `Pull requests: read and write`.
    """
    try:
        yield
    except GithubException as error:
        raise _translated(error, needs=needs) from None
    except _UNREADABLE:
        # A page of a proxy, a cut answer, or a Link to elsewhere; its text stays out of our errors.
        raise CodeHostBusyError("GitHub's answer cannot be read.") from None


def _translated(error: GithubException, *, needs: str) -> Exception:
    words = _words_of(error)
    match error.status:
        case 401:
            return AccessLostError(
                "GitHub no longer accepts what the connection signs in with. Enter a new token, or"
                " check that the GitHub App and its key are still there."
            )
        case 403:
            return _forbidden(error, words=words, needs=needs)
        case 404 | 410:
            return GoneError(
                "GitHub does not show this (any more): it was deleted or moved, or the connection"
                f" has no access. Share the repository with the connection, with {needs}."
            )
        case 451:
            return GoneError("GitHub has blocked the repository for legal reasons.")
        case 422:
            return InvalidRequestError(f"GitHub refuses this: {words}", words=words)
    return ReviewRefusedError(f"GitHub refuses this (status {error.status}): {words}")


def _forbidden(error: GithubException, *, words: str, needs: str) -> Exception:
    lower = words.lower()
    if "archived" in lower:
        return ReviewRefusedError(
            "The repository is archived, so nothing can be written there. Unarchive it at GitHub,"
            " or archive the project."
        )
    if "locked" in lower:
        return ReviewRefusedError("The conversation is locked at GitHub; unlock it to be told.")
    if "suspended" in lower:
        return AccessLostError("The GitHub App's installation is suspended; resume it at GitHub.")
    if "saml" in lower or "sso" in lower.split():
        return AccessLostError(
            "The organization at GitHub asks for single sign-on: authorize the token for it in the"
            " token's settings."
        )
    if "ip allow list" in lower:
        return AccessLostError(
            "The organization at GitHub lets in listed addresses only: add that of this server to"
            " its IP allow list."
        )
    accepted = (error.headers or {}).get("x-accepted-github-permissions", "")
    wanted = f"{needs} ({accepted[:_LONGEST_WORDS]})" if accepted else needs
    return AccessLostError(
        f"GitHub does not allow this to the connection. It needs the permission {wanted}: grant it"
        " to the GitHub App or the token, and accept the change for the organization."
    )


def _words_of(error: GithubException) -> str:
    """Return GitHub's message and the messages of its errors, on one short line."""
    data = error.data if isinstance(error.data, dict) else {}
    found = [data.get("message", "")]
    errors = data.get("errors", [])
    if isinstance(errors, list):
        found += [one.get("message", "") if isinstance(one, dict) else one for one in errors]
    line = " ".join(" ".join(text.split()) for text in found if isinstance(text, str) and text)
    shown = "".join(character for character in line if character.isprintable())
    return redact(shown)[:_LONGEST_WORDS] or "no reason given"
