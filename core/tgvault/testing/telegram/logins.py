"""Logins that are under way: codes that were sent, QR tokens that were shown, passwords that are asked for."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

__all__ = ["Logins", "Token"]

#: Seconds that a QR code is good for, by https://core.telegram.org/api/qr-login .
_GOOD_FOR = 30


@dataclass(slots=True)
class Token:
    """What a QR code says, and the key of the client that shows it."""

    token: bytes = field(repr=False)
    key_id: bytes
    dc: int
    shown: int = 0
    accepted: bool = False


@dataclass(slots=True)
class Logins:
    """What the server remembers until somebody is logged in."""

    #: A QR code is accepted when it was shown so many times; None: not before somebody accepts it.
    accept_after: int | None = None
    #: Phone numbers by the hashes of the codes that were sent to them.
    codes: dict[str, str] = field(default_factory=dict)
    #: Secret exponents by the ids of the questions for the password.
    questions: dict[int, int] = field(default_factory=dict, repr=False)
    tokens: dict[bytes, Token] = field(default_factory=dict)

    def show(self, key_id: bytes, *, dc: int) -> Token:
        """Give the token of a client, a new one if it has none; counts how often."""
        if key_id not in self.tokens:
            self.tokens[key_id] = Token(os.urandom(32), key_id, dc)
        token = self.tokens[key_id]
        if self.accept_after is not None and token.shown >= self.accept_after:
            token.accepted = True
        token.shown += 1
        return token

    def find(self, token: bytes) -> Token | None:
        """Look for a token by what the code says."""
        return next((each for each in self.tokens.values() if each.token == token), None)

    def expires(self) -> int:
        """Tell until when a code that is shown now is good, in seconds of Unix time."""
        return int(time.time()) + _GOOD_FOR
