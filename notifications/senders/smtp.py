"""Handing one mail to the mail server of the settings, so that we know whether it was taken.

A server takes a mail with its answer to the line that ends the text. Up to that line nothing has
been sent, whatever breaks; after it, only the answer tells.
"""

import contextlib
import re
import smtplib
from collections.abc import Callable, Collection
from email.utils import parseaddr

from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import sanitize_address

from core.errors import TransientError
from notifications.senders.protocol import NotSentError, RefusedError

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_END = b".\r\n"
_OK = 250
_FIRST_PERMANENT = 500
_REFUSALS = range(400, 600)

Reply = tuple[int, bytes]


class MailRefusedError(RefusedError):
    """The mail server will not take this mail, however often it is asked."""

    code = "mail_refused"


class LostAnswerError(TransientError):
    """The mail was handed over, and the answer did not come."""


def hand_over(message: EmailMessage, *, begin: Callable[[], None]) -> str:
    """Send a mail to its one recipient; return the server's answer.

    Raises NotSentError, LostAnswerError or MailRefusedError.
    """
    backend = get_connection()
    try:
        backend.open()
        session = getattr(backend, "connection", None)
        if isinstance(session, smtplib.SMTP):
            return _speak(session, message, begin)
    except OSError as error:  # smtplib's errors are among them
        raise NotSentError(
            f"The mail server could not be reached, or did not let us in: {_words_of(error)}"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            backend.close()
    begin()
    backend.send_messages([message])
    return "written, not sent: see EMAIL_BACKEND"


def _speak(session: smtplib.SMTP, message: EmailMessage, begin: Callable[[], None]) -> str:
    try:
        session.ehlo_or_helo_if_needed()
        _hand_text(session, message)
        begin()
        answer = _end_text(session)
    except BaseException:
        # Not QUIT: the server may still take it for a line of the text.
        session.close()
        raise
    _expect(answer, (_OK,), "the mail")
    return _words(answer)


def _hand_text(session: smtplib.SMTP, message: EmailMessage) -> None:
    body = _LINE_END.sub(b"\r\n", message.message().as_bytes())
    options = ["body=8bitmime"] if session.has_extn("8bitmime") else []
    if session.has_extn("size"):
        options.append(f"size={len(body)}")
    recipient = _address(message.to[0])
    _expect(session.mail(_address(message.from_email), options), (_OK,), "our sender's address")
    _expect(session.rcpt(recipient), (_OK, 251), recipient)
    _expect(session.docmd("DATA"), (354,), "the mail")
    session.send(_LEADING_DOT.sub(b"..", body))
    if not body.endswith(b"\r\n"):
        session.send(b"\r\n")


def _end_text(session: smtplib.SMTP) -> Reply:
    try:
        session.send(_END)
        reply = session.getreply()
    except OSError as error:
        raise LostAnswerError(
            f"The mail was handed over, and no answer came: {_words_of(error)}"
        ) from error
    if reply[0] != _OK and reply[0] not in _REFUSALS:
        raise LostAnswerError(
            f"The mail was handed over, and the answer says neither: {_words(reply)}"
        )
    return reply


def _expect(reply: Reply, codes: Collection[int], what: str) -> None:
    if reply[0] in codes:
        return
    words = f"The mail server refused {what}: {_words(reply)}"
    if reply[0] >= _FIRST_PERMANENT:
        raise MailRefusedError(words)
    raise NotSentError(words)


def _address(text: str) -> str:
    return parseaddr(sanitize_address(text, "utf-8"))[1]


def _words(reply: Reply) -> str:
    return f"{reply[0]} {reply[1].decode(errors='replace')}"


def _words_of(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error
        text = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        return f"{error.smtp_code} {text}"
    return str(error) or type(error).__name__
