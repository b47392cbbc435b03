"""What Slack's refusals are in our words, and what people can do about them."""

from http import HTTPStatus

from core.errors import ProblemError, TransientError

LONGEST_WORD = 100
_ACCESS_ENDED = "Slack no longer takes the app's token"
ACCESS_MISSING = (
    "bot_token: there is none, or one with characters that no token has; enter it anew in"
    " Settings, Slack."
)
ACCESS_LOST_BEGINNINGS = (_ACCESS_ENDED, ACCESS_MISSING)
"""How each SlackAccessLostError begins: what died of it is known by that."""

_ACCESS_LOST = frozenset({
    "account_inactive", "app_uninstalled", "invalid_auth", "no_permission", "not_authed",
    "org_login_required", "team_access_not_granted", "token_expired", "token_revoked",
    "two_factor_setup_required",
})  # fmt: skip
# What Slack says instead of doing anything; of other errors of its own it may have done a part.
_NOT_TAKEN = frozenset({"rate_limited", "ratelimited", "service_unavailable", "team_added_to_org"})
_UNCLEAR = frozenset({"fatal_error", "internal_error", "request_timeout"})
_REMEDIES = {
    "channel_not_found": "The channel was deleted, or is private and the app is not in it: invite"
    " the app there, or choose another channel.",
    "is_archived": "The channel is archived: choose another one.",
    "not_in_channel": "The app is not in the channel: invite it there.",
    "restricted_action": "The workspace does not let apps post there: ask an admin of Slack.",
    "missing_scope": "The app lacks a permission: update its manifest in Slack and install it"
    " again.",
    "invalid_blocks": "Slack takes the message for malformed; tell the operator.",
    "msg_too_long": "Slack takes the message for too long; tell the operator.",
    "bad_client_secret": "client_secret: Slack does not know it; copy it anew from Basic"
    " Information of the app.",
    "invalid_client_id": "client_id: Slack does not know it; copy it anew from Basic Information"
    " of the app.",
    "bad_redirect_uri": "The app does not lead back to this address: add the one of its manifest"
    " under OAuth & Permissions.",
    "invalid_code": "The way through Slack took too long or was used already; begin again.",
    "code_already_used": "The way through Slack was used already; begin again.",
}


class SlackRefusedError(ProblemError):
    """Slack does not do this, and would not at another try; `word` is Slack's own."""

    code = "slack_refused"
    status = HTTPStatus.BAD_GATEWAY

    def __init__(self, detail: str, *, word: str = "") -> None:
        super().__init__(detail)
        self.word = word


class SlackAccessLostError(SlackRefusedError):
    """Slack does not take the workspace's token any more."""

    code = "slack_access_lost"


class SlackNotReachedError(TransientError):
    """Slack has certainly not done it; another try may work."""


class SlackUnclearError(TransientError):
    """Slack may have done it, and we never heard; another try has to look first."""


def refusal(word: str) -> Exception:
    """Return the error that an answer with `ok: false` means; `word` is its `error`."""
    shown = "".join(one for one in word if one.isascii() and one.isprintable())[:LONGEST_WORD]
    if shown in _NOT_TAKEN:
        return SlackNotReachedError(f"Slack takes no calls for now ({shown}).")
    if shown in _UNCLEAR:
        return SlackUnclearError(f"Slack has an error of its own ({shown}).")
    if shown in _ACCESS_LOST:
        return SlackAccessLostError(
            f"{_ACCESS_ENDED} ({shown}): install the app again in Settings, Slack.",
            word=shown,
        )
    remedy = _REMEDIES.get(shown, "See Slack's page on the method for what that means.")
    return SlackRefusedError(f"Slack refuses this ({shown or 'no reason'}). {remedy}", word=shown)
