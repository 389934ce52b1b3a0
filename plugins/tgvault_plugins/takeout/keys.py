"""The RSA keys that servers are known by; each connection trusts keys of its own.

Telethon has one list of them for the whole process. In it a key of one server would be good for all others: that of a
server of the delivery network, which is not trusted, for a data centre where the account is logged in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace

from pyasn1.error import PyAsn1Error
from rsa import PublicKey
from telethon.crypto import rsa

from tgvault_plugins.takeout.borrowed import borrowed

__all__ = ["TELEGRAM", "ServerKeys"]

_PEM = re.compile(rb"-----BEGIN (RSA )?PUBLIC KEY-----.+?-----END (?:RSA )?PUBLIC KEY-----", re.DOTALL)
#: Size of the keys that the protocol takes: https://core.telegram.org/mtproto/auth_key .
_BITS = 2048


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Keys by fingerprint, each with whether it is an old one, which is taken only where no other is offered."""

    by_fingerprint: dict[int, tuple[PublicKey, bool]] = field(repr=False)

    @classmethod
    def from_pem(cls, *texts: bytes) -> ServerKeys:
        """Read every key of some texts in PEM.

        Raises:
            ValueError: there is none, or one that is not of 2048 bits or cannot be read.
        """
        found = [_load(block) for text in texts for block in _PEM.finditer(text)]
        if not found:
            raise ValueError("no RSA public key")
        return cls({rsa._compute_fingerprint(key): (key, False) for key in found})

    def crypto(self) -> SimpleNamespace:
        """Give what Telethon's handshake takes its RSA from, with these keys and no others."""
        encrypt = borrowed(rsa.encrypt, _server_keys=self.by_fingerprint)
        return SimpleNamespace(encrypt=encrypt, get_byte_array=rsa.get_byte_array)


#: The keys of Telegram's own servers, as Telethon has them.
TELEGRAM = ServerKeys(dict(rsa._server_keys))


def _load(block: re.Match[bytes]) -> PublicKey:
    load = PublicKey.load_pkcs1 if block[1] else PublicKey.load_pkcs1_openssl_pem
    try:
        key = load(block[0])
    except (PyAsn1Error, TypeError) as error:
        raise ValueError("not an RSA public key") from error
    if not (1 << (_BITS - 1) <= key.n < 1 << _BITS and 1 < key.e < 1 << 64):
        raise ValueError(f"not an RSA public key of {_BITS} bits")
    return key
