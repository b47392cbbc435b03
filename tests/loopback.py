"""HTTP servers on the loopback, each in a thread: what our stand-ins share."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers over connections that stay open, and writes no log."""

    protocol_version = "HTTP/1.1"
    # Head and body go out together: apart, the second waits 40 ms for the first to be heard of.
    wbufsize = -1

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing of clients that stop to listen: they are a part of the tests."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Loopback:
    """A server on a free port of 127.0.0.1, running between `start` and `stop`."""

    def __init__(self, handler: type[Handler]):
        self._http = _Server(("127.0.0.1", 0), handler)
        # Polls for its end; the default of half a second would be paid by every test.
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
