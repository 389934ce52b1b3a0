"""Posting a form to a provider and reading its answer."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tgvault_plugins.cloud.faults import Fault, Kind
from tgvault_plugins.cloud.patience import FaultError

__all__ = ["Reply", "post"]

#: Seconds that a provider may take.
_LIMIT = 30
#: Bytes of an answer that are read; they have a few thousand.
_MOST = 1 << 20

#: What a provider answered, texts and numbers; it may hold tokens, and is never shown.
Reply = dict[str, object]


class _NoRedirects(HTTPRedirectHandler):
    """A form with a secret goes where it was meant to go, or nowhere."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Follow nobody."""


def post(address: str, form: Mapping[str, str]) -> Reply:
    """Post the form and give the answer, an error of the provider (`error`) as well.

    Raises:
        FaultError: there was no answer, or none that says anything.
    """
    request = Request(  # noqa: S310 - the addresses are constants
        address, data=urlencode(form).encode(), headers={"Accept": "application/json", "User-Agent": "tgvault"}
    )
    try:
        with build_opener(_NoRedirects).open(request, timeout=_LIMIT) as response:
            return _read(response.read(_MOST), response.status)
    except HTTPError as exc:
        with exc:
            return _read(exc.read(_MOST), exc.code)
    except (URLError, HTTPException, OSError) as exc:
        reason = _reason(exc)
    raise FaultError(Fault(Kind.PASSING, reason))


def _read(body: bytes, status: int) -> Reply:
    try:
        reply: object = json.loads(body)
    except ValueError:
        reply = None
    if not isinstance(reply, dict) or status >= 500 or (status >= 300 and "error" not in reply):
        kind = Kind.BUSY if status == 429 else Kind.PASSING if status >= 500 else Kind.LASTING
        raise FaultError(Fault(kind, f"its answer is {status}"))
    return reply


def _reason(exc: Exception) -> str:
    cause = exc.reason if isinstance(exc, URLError) else exc
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "its certificate is not trusted here"
    if isinstance(cause, TimeoutError):
        return "it takes too long to answer"
    return "no answer comes"
