"""What went wrong at a store: what opendal says, understood, and told without anything that may be secret.

An error of opendal is a text with the addresses, headers and answers that led to it. Addresses may be signed, and an
answer may hold anything; so words are looked for in it, and none of it is passed on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

__all__ = ["Fault", "Kind", "opendal_errors", "understood"]


class Kind(Enum):
    """What can be done about a fault."""

    MISSING = auto()
    """There is no such object; for some questions: nor its bucket."""
    NO_PLACE = auto()
    """The bucket is not there."""
    EMPTY = auto()
    """All from the first byte on was asked for, and there is no first byte."""
    DENIED = auto()
    FULL = auto()
    BUSY = auto()
    """The store asks to come again later."""
    PASSING = auto()
    """It may succeed a moment later."""
    LASTING = auto()
    """It would not succeed a moment later either."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and the reason as it may be shown: words of our own, or a store's code for it."""

    kind: Kind
    reason: str


_FULL = (
    "storageQuotaExceeded",  # Google
    "quotaLimitReached",  # Microsoft
    "insufficient_space",  # Dropbox
    "storage_cap_exceeded",  # Backblaze
    "XMinioStorageFull",
    "QuotaExceeded",  # Ceph and others
)
_BUSY = (
    "SlowDown",
    "ateLimitExceeded",  # Google says it with 403: rateLimitExceeded, userRateLimitExceeded
    "too_many_requests",
    "too_many_write_operations",
    "activityLimitReached",
)
_NO_PLACE = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")

#: What the network and its libraries say, and how it is told.
_NETWORK = (
    ("certificate", "its certificate is not trusted here"),
    ("dns error", "its name is not known here"),
    ("Connection refused", "it does not take connections"),
    ("timeout reached", "it takes too long to answer"),
    ("onnection reset", "the connection broke"),
    ("onnection closed", "the connection broke"),
    ("end of file", "the connection broke"),
    ("error decoding response body", "the connection broke"),
    ("IncompleteMessage", "the connection broke"),
    ("send http request", "no answer comes"),
)

_HEAD = re.compile(r"\w+ \((temporary|permanent|persistent)\)")
_STATUS = re.compile(r"response: Parts \{ status: (\d{3})")
#: What stores call a fault: a word, never a text.
_CODE = re.compile(r"""\b[cC]ode"?: ?"([A-Za-z][A-Za-z0-9_-]{2,48})\"""")


def understood(error: Exception) -> Fault:
    """Say what an error of opendal means."""
    text = str(error).partition("\n\nBacktrace")[0]
    found = _STATUS.search(text)
    status = int(found[1]) if found else 0
    kind = _kind(type(error).__name__, text, status)
    return Fault(kind, _reason(text, status))


@cache
def opendal_errors() -> tuple[type[Exception], ...]:
    """What opendal raises; its classes have nothing in common but that they are exceptions."""
    from opendal import exceptions

    found = (getattr(exceptions, name) for name in dir(exceptions))
    return tuple(each for each in found if isinstance(each, type) and issubclass(each, Exception))


def _kind(name: str, text: str, status: int) -> Kind:
    if status == 507 or _says(text, _FULL):
        return Kind.FULL
    if name == "RateLimited" or status == 429 or _says(text, _BUSY):
        return Kind.BUSY
    if status == 416:
        return Kind.EMPTY
    if name == "PermissionDenied" or status in (401, 403):
        return Kind.DENIED
    if name == "NotFound" or status in (404, 410):
        return Kind.NO_PLACE if _says(text, _NO_PLACE) else Kind.MISSING
    head = _HEAD.match(text)
    state = head[1] if head else "permanent"
    # 408 and 425 ask for another try in so many words, and a folder of WebDAV that is locked (423) will be let go.
    # Of a list, opendal has tried again already, and calls every fault persistent then.
    if state == "temporary" or (state == "persistent" and not status) or status >= 500 or status in (408, 423, 425):
        return Kind.PASSING
    return Kind.LASTING


def _reason(text: str, status: int) -> str:
    if code := _CODE.search(text):
        return f"`{code[1]}`"
    if status:
        return f"its answer is {status}"
    return next((told for word, told in _NETWORK if word in text), "what it says makes no sense")


def _says(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)
