"""The tokens of a provider: the lasting one that a person's agreement gave, and those of an hour."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from tgvault.api import SinkPermissionError
from tgvault_plugins.cloud.faults import Fault, Kind
from tgvault_plugins.cloud.patience import FaultError
from tgvault_plugins.cloud.posting import Reply, post
from tgvault_plugins.cloud.provider import Client, Provider

__all__ = ["Tokens", "refresh_token", "refreshing", "text"]

#: Seconds that a token has to be good for, or another one is fetched: an upload of 32 MiB over a slow line.
_SPARE = 900
#: Seconds that a token is good for where nothing is said.
_USUAL = 3_600


@dataclass(frozen=True, slots=True)
class _Access:
    token: str = field(repr=False)
    until: float


class Tokens:
    """Gives an access token that is good for a while, and fetches another one in time."""

    def __init__(
        self, provider: Provider, form: Callable[[], Mapping[str, str]], *, now: Callable[[], float] = time.time
    ) -> None:
        """Take what makes the form to post, and the clock that goes on while a machine sleeps."""
        self._provider = provider
        self._form = form
        self._now = now
        self._access: _Access | None = None
        self._lock = Lock()

    def access(self) -> str:
        """Give an access token.

        Raises:
            FaultError: the provider gives none; of those that pass, one may try again.
        """
        with self._lock:
            if self._access is None or self._access.until < self._now() + _SPARE:
                self._access = self._fetched()
            return self._access.token

    def _fetched(self) -> _Access:
        # Microsoft gives another lasting token each time; there is no place to keep it, and the first one stays good.
        reply = post(self._provider.token, self._form())
        token = text(reply, "access_token")
        if not token:
            raise FaultError(_refused(self._provider, reply))
        seconds = reply.get("expires_in")
        # At least for this request, if it is good for less than what is to spare.
        lasting = max(float(seconds) if isinstance(seconds, int | float) else _USUAL, _SPARE + 60)
        return _Access(token, self._now() + lasting)


def refreshing(client: Client, lasting: str) -> Callable[[], Mapping[str, str]]:
    """Give what makes the form for the lasting token that a person's agreement gave."""
    return lambda: {"grant_type": "refresh_token", "refresh_token": lasting, **client.form}


def refresh_token(provider: Provider, reply: Mapping[str, object]) -> str:
    """Give the lasting token of an answer.

    Raises:
        SinkPermissionError: there is none, with the provider's word for why.
    """
    token = text(reply, "refresh_token")
    if token:
        return token
    raise SinkPermissionError(
        f"{provider.name} gives no lasting access: {_refused(provider, reply).reason}",
        hint="see that the app is registered as docs/guides/cloud.md says, and sign in again",
    )


def text(reply: Mapping[str, object], key: str) -> str:
    """Give a text of an answer, empty where there is none."""
    value = reply.get(key)
    return value if isinstance(value, str) else ""


def _refused(provider: Provider, reply: Reply | Mapping[str, object]) -> Fault:
    error = text(reply, "error")
    if error == "invalid_grant":
        return Fault(Kind.DENIED, f"{provider.name} gives no access any more; sign in again")
    # A word of RFC 6749, never a text: those may repeat what was sent.
    word = f"`{error}`" if error.replace("_", "").isalpha() and len(error) < 40 else "for no reason that it tells"
    return Fault(Kind.DENIED, f"{provider.name} refuses the app: {word}")
