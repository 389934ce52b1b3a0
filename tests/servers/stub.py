"""A web server in the test's own process that answers as the test says, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["NO_ANSWER", "Answer", "Asked", "Handler", "Stub", "forwarder"]


@dataclass(frozen=True)
class Asked:
    """A request: what was asked for, the path without its quoting, and the question behind it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str

    @property
    def form(self) -> Mapping[str, str]:
        """The fields of a form that was posted."""
        return {key: values[0] for key, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """An answer; one that is `cut` breaks off after so many bytes of its body, and one that hangs never comes.

    Without a status there is none: the connection is closed.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hangs: bool = False


#: Closes the connection.
NO_ANSWER = Answer(0)


def forwarder(port: int) -> Callable[[Asked], Answer]:
    """Pass requests on to a server of this machine, as they are, and give its answers."""

    def forward(asked: Asked) -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(asked.method, asked.target, asked.body, {**asked.headers, "connection": "close"})
        with closing(connection), connection.getresponse() as response:
            headers = {name: value for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP}
            return Answer(response.status, response.read(), headers)

    return forward


_HOP_BY_HOP = ("connection", "transfer-encoding", "date", "server")


class Stub:
    """Serves at a port of 127.0.0.1; used with `with`, which raises in the end what `answer` raised.

    `asked` are the requests in the order in which they came.
    """

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self._answer = answer
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), lambda *given: self.handler()(*given))
        self._failed: Exception | None = None
        self.asked: list[Asked] = []
        self.connections = 0

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def shapes(self) -> list[str]:
        """The requests as `METHOD /path`."""
        return [str(each) for each in self.asked]

    def answer(self, asked: Asked) -> Answer:
        """Remember a request and answer it; one after the other."""
        with self._lock:
            self.asked.append(asked)
            try:
                return self._answer(asked)
            except Exception as exc:
                self._failed = self._failed or exc
                return Answer(501)

    def __enter__(self) -> Stub:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._failed is not None and error is None:
            raise self._failed

    def handler(self) -> type[Handler]:
        """What serves a connection."""
        stub = self

        class Serving(Handler):
            def setup(self) -> None:
                super().setup()
                stub.connections += 1

            def reply_to(self, asked: Asked) -> Answer:
                return stub.answer(asked)

        return Serving


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A connection that the other side keeps open is no reason to wait at the end.
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients break off here, and are meant to."""


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks for the answer, and gives it."""

    protocol_version = "HTTP/1.1"
    #: Headers and body in one go; two small packets wait for each other.
    wbufsize = -1

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def reply_to(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            unquote(parts.path),
            {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()},
            {key.lower(): value for key, value in self.headers.items()},
            self._body(),
            self.path,
        )
        answer = self.reply_to(asked)
        if answer.hangs:
            self.rfile.read(1)  # until the client has had enough
            self.close_connection = True
            return
        if not answer.status:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: answer.cut])
        self.close_connection = self.close_connection or answer.cut is not None

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))
