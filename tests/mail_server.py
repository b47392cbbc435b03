"""A mail server on the loopback that keeps what arrives, and breaks where a test asks it to.

    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        ...
        server.mails[0]["Subject"]

`faults` says what happens at the next visits, in order; a visit without one goes well:

    CUT_GREETING    the connection ends before a word is said
    CUT_SENDER      ... when the sender is named
    CUT_RECIPIENT   ... when the recipient is named
    CUT_ANSWER      the mail is kept, and the answer never comes
    GARBLED         the mail is kept, and the answer is none
    BUSY            the recipient is refused for now (451)
    UNKNOWN         the recipient is refused for good (550)
    FULL            the mail is refused for now after it was handed over (452)
    SPAM            the mail is refused for good after it was handed over (554)
"""

import asyncio
import email
import email.policy
import threading
from typing import Self

from aiosmtpd.smtp import SMTP

CUT_GREETING, CUT_SENDER, CUT_RECIPIENT = "cut greeting", "cut sender", "cut recipient"
CUT_ANSWER, GARBLED = "cut answer", "garbled"
BUSY, UNKNOWN, FULL, SPAM = "busy", "unknown", "full", "spam"
_ANSWERS = {
    BUSY: "451 4.7.1 Greylisted, try again later",
    UNKNOWN: "550 5.1.1 No such person here",
    FULL: "452 4.3.1 No room at the moment",
    SPAM: "554 5.7.1 We do not like it",
}


class MailServer:
    """An SMTP server in a thread; use it as a context manager."""

    def __init__(self, *faults):
        self.faults = list(faults)
        self.mails = []
        self.visits = 0
        self._sessions = []

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = self._run(self._loop.create_server(self._session, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_exception):
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)

    async def _stop(self):
        self._server.close()
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _session(self):
        fault = self.faults[self.visits] if self.visits < len(self.faults) else None
        self.visits += 1
        session = _Session(
            _Handler(self.mails, fault), loop=self._loop, hostname="mail.example", ident="Test"
        )
        session.cuts_greeting = fault == CUT_GREETING
        self._sessions.append(session)
        return session


class _Session(SMTP):
    cuts_greeting = False

    def connection_made(self, transport):
        super().connection_made(transport)
        if self.cuts_greeting:
            transport.abort()


class _Handler:
    def __init__(self, mails, fault):
        self.mails = mails
        self.fault = fault

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self._cut(server, CUT_SENDER) or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.fault in (BUSY, UNKNOWN):
            return _ANSWERS[self.fault]
        envelope.rcpt_tos.append(address)
        return self._cut(server, CUT_RECIPIENT) or "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.fault in (FULL, SPAM):
            return _ANSWERS[self.fault]
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        mail.envelope_sender, mail.envelope_recipients = envelope.mail_from, envelope.rcpt_tos
        self.mails.append(mail)
        if self.fault == GARBLED:
            return "Kept it"
        return self._cut(server, CUT_ANSWER) or "250 2.0.0 Kept"

    def _cut(self, server, fault):
        if self.fault != fault:
            return None
        server.transport.abort()
        return "421 Gone"
