"""What admins may enter about Slack."""

from django import forms

from integrations.models import SlackWorkspace

_COMMAND = r"^/[a-z0-9_-]{1,31}$"
_COMMAND_ERRORS = {
    "required": "Enter a command, such as /semgrep_subscribe.",
    "invalid": "Begin with a slash, then up to 31 small letters, digits, hyphens or underscores.",
}


class SlackAppForm(forms.Form):
    """What Slack shows of an app, under Basic Information."""

    client_id = forms.RegexField(
        regex=r"^[0-9.]{5,100}$",
        max_length=100,
        label="Client ID",
        error_messages={
            "required": "Enter the Client ID.",
            "invalid": "A Client ID is two numbers with a point between them.",
        },
    )
    client_secret = forms.CharField(
        max_length=200, label="Client Secret", error_messages={"required": "Enter the secret."}
    )
    signing_secret = forms.CharField(
        max_length=200, label="Signing Secret", error_messages={"required": "Enter the secret."}
    )


class SlackTokenForm(forms.Form):
    """A bot token that was copied from Slack."""

    bot_token = forms.RegexField(
        regex=r"^xox[a-z]-[A-Za-z0-9-]{8,400}$",
        max_length=500,
        label="Bot User OAuth Token",
        error_messages={
            "required": "Enter the token.",
            "invalid": "A bot token begins with xoxb-; copy it from OAuth & Permissions.",
        },
    )
    signing_secret = forms.CharField(
        max_length=200, label="Signing Secret", error_messages={"required": "Enter the secret."}
    )


class SlackCommandsForm(forms.Form):
    """How the two commands are called."""

    subscribe_command = forms.RegexField(
        regex=_COMMAND, max_length=32, label="Subscribe", error_messages=_COMMAND_ERRORS
    )
    unsubscribe_command = forms.RegexField(
        regex=_COMMAND, max_length=32, label="Unsubscribe", error_messages=_COMMAND_ERRORS
    )

    @classmethod
    def of(cls, row: SlackWorkspace) -> "SlackCommandsForm":
        """Return the form as what is stored fills it."""
        return cls(
            initial={
                "subscribe_command": row.subscribe_command,
                "unsubscribe_command": row.unsubscribe_command,
            }
        )
