"""The HTTP side of the stand-in: reads requests, writes answers."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def start_http(github: Any) -> tuple[ThreadingHTTPServer, threading.Thread]:
    """Bind a free port and return the server and the thread that will serve it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    return http, threading.Thread(target=http.serve_forever, args=(0.01,))
