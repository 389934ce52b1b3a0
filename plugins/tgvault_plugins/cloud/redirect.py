"""Waiting for the one request with which a browser brings a person's answer (RFC 8252, section 7.3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from tgvault.api import SinkPermissionError

__all__ = ["LIMIT", "Redirect", "code_in"]

#: Seconds that a person has to answer.
LIMIT = 300.0
#: Seconds that whoever connects has to say something, so that nobody keeps the browser out.
_PATIENCE = 5.0
_DONE = b"<!doctype html><title>tgvault</title><p>You can close this page and go back to tgvault.</p>"


@dataclass(slots=True)
class _Arrived:
    query: str | None = None


class Redirect:
    """Listens on this machine alone, at a port that is free, until the answer to one question has come."""

    def __init__(self, *, host: str, state: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the name for this machine that the provider knows, and what only the right answer has in it."""
        self._host = host
        self._state = state
        self._clock = clock
        self._arrived = _Arrived()
        self._server = HTTPServer(("127.0.0.1", 0), _handler(self._arrived, state))

    @property
    def address(self) -> str:
        """Where the browser is to be sent."""
        return f"http://{self._host}:{self._server.server_port}"

    def code(self, *, seconds: float = LIMIT) -> str:
        """Wait for the code.

        Raises:
            SinkPermissionError: the person did not agree, or nobody came in time.
        """
        end = self._clock() + seconds
        while self._arrived.query is None:
            left = end - self._clock()
            if left <= 0:
                raise SinkPermissionError("nobody answered in the browser in time", hint="sign in again")
            self._server.timeout = left
            self._server.handle_request()
        return code_in(self._arrived.query, state=self._state)

    def __enter__(self) -> Redirect:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()


def code_in(query: str, *, state: str) -> str:
    """Give the code in the question part of the address that a browser was sent to.

    Raises:
        SinkPermissionError: it is no answer to our question, or a refusal.
    """
    fields = parse_qs(query)
    if not _is_answer(query, state):
        raise SinkPermissionError("that is not the answer to this question", hint="sign in again")
    if "code" not in fields:
        raise SinkPermissionError("access was not given in the browser", hint="sign in again and agree")
    return fields["code"][0]


def _is_answer(query: str, state: str) -> bool:
    return compare_digest(parse_qs(query).get("state", [""])[0].encode(), state.encode())


def _handler(arrived: _Arrived, state: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE

        def do_GET(self) -> None:
            """Take the answer; of others, such as other pages in the browser may send, say nothing."""
            parts = urlsplit(self.path)
            right = parts.path == "/" and _is_answer(parts.query, state)
            if right:
                arrived.query = parts.query
            self.send_response(200 if right else 404)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(_DONE if right else b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing: the line would have the code in it."""

    return Handler


_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "Connection": "close",
}
