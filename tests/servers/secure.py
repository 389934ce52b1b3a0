"""Servers of the wide world, played on this machine: a proxy that takes every connection to itself, with certificates.

opendal goes through the proxy that `$HTTPS_PROXY` names and believes the certificates in `$SSL_CERT_FILE`, both read
when it first connects; so whoever is to come here does it in a process of its own, see `Elsewhere`.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import trustme

from servers.stub import Answer, Asked, Handler, Stub
from tgvault.api import ObjectName, Sink, StoredObject

__all__ = ["Elsewhere", "SecureStub"]

T = TypeVar("T")
_sinks: dict[int, Sink] = {}


class SecureStub(Stub):
    """A stub that is a proxy too, and believed to be any of the hosts; `folder` gets the certificate to believe."""

    def __init__(self, answer: Callable[[Asked], Answer], *, hosts: tuple[str, ...], folder: Path) -> None:
        super().__init__(answer)
        authority = trustme.CA()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*hosts).configure_cert(self._context)
        self._certificates = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self._certificates))

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process has to find in its environment to come here."""
        proxy = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), self.address)
        return {**proxy, "NO_PROXY": "", "no_proxy": "", "SSL_CERT_FILE": str(self._certificates)}

    def handler(self) -> type[Handler]:
        """A handler that begins again, with TLS, when it is asked for a connection."""
        context = self._context

        class Connecting(super().handler()):  # type: ignore[misc]
            def do_CONNECT(self) -> None:  # noqa: N802 - the name that the library wants
                self.send_response(200)
                self.end_headers()
                self.wfile.flush()
                # Python asks for it with HTTP/1.0, which ends a connection otherwise.
                self.close_connection = False
                self.connection = self.request = context.wrap_socket(self.connection, server_side=True)
                self.rfile = self.connection.makefile("rb", self.rbufsize)
                self.wfile = self.connection.makefile("wb", self.wbufsize)

            def finish(self) -> None:
                super().finish()
                self.connection.close()

        return Connecting


class Elsewhere:
    """A process with an environment of its own, in which sinks are made and used; used with `with`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._pool = ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=_move, initargs=(dict(environment),)
        )
        self._numbers = count()

    def make(self, make_sink: Callable[[], Sink]) -> RemoteSink:
        """Make a sink there; gives one that passes on whatever it is asked for."""
        number = next(self._numbers)
        config = self.call(_make, number, make_sink)
        # The contract asks the class for the type of its configuration.
        return type("RemoteSink", (RemoteSink,), {"config": config})(self, number)

    def call(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function there."""
        return self._pool.submit(function, *arguments).result()

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()


class RemoteSink:
    """A sink in another process, one method at a time."""

    def __init__(self, elsewhere: Elsewhere, number: int) -> None:
        self._elsewhere = elsewhere
        self._number = number

    def prepare(self) -> None:
        self._call("prepare")

    def put(self, name: ObjectName, data: bytes) -> None:
        self._call("put", name, data)

    def replace(self, name: ObjectName, data: bytes) -> None:
        self._call("replace", name, data)

    def get(self, name: ObjectName) -> bytes:
        return self._elsewhere.call(_get, self._number, name)

    def size(self, name: ObjectName) -> int:
        return self._elsewhere.call(_size, self._number, name)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        return iter(self._elsewhere.call(_list, self._number, prefix))

    def delete(self, name: ObjectName) -> None:
        self._call("delete", name)

    def tidy(self) -> None:
        self._call("tidy")

    def close(self) -> None:
        self._call("close")

    def _call(self, method: str, *arguments: object) -> None:
        self._elsewhere.call(_do, self._number, method, *arguments)


def _move(environment: Mapping[str, str]) -> None:
    os.environ.update(environment)


def _make(number: int, make_sink: Callable[[], Sink]) -> object:
    _sinks[number] = make_sink()
    return _sinks[number].config


def _do(number: int, method: str, *arguments: object) -> None:
    getattr(_sinks[number], method)(*arguments)


def _get(number: int, name: ObjectName) -> bytes:
    return _sinks[number].get(name)


def _size(number: int, name: ObjectName) -> int:
    return _sinks[number].size(name)


def _list(number: int, prefix: str) -> list[StoredObject]:
    return list(_sinks[number].list(prefix))
