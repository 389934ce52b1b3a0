"""Agreeing with a server upon a key, before it is known who answers: https://core.telegram.org/mtproto/auth_key .

Whoever stands between can answer anything here. Nothing of it may take for ever, or end in anything but an error.
"""

from __future__ import annotations

from typing import Any

from telethon.crypto import Factorization
from telethon.errors import SecurityError
from telethon.network import MTProtoPlainSender
from telethon.network.authenticator import do_authentication

from tgvault_plugins.takeout.borrowed import borrowed
from tgvault_plugins.takeout.keys import ServerKeys

__all__ = ["agree", "factorize"]


async def agree(sender: MTProtoPlainSender, keys: ServerKeys) -> tuple[Any, int]:
    """Agree upon a key with the server, which has to own one of `keys`; gives it and what its clock is ahead, seconds.

    Raises:
        telethon.errors.SecurityError: the answers are not those of such a server.
        OSError, EOFError, BufferError: the connection was lost, or the server said that it does not want one.
    """
    factorization = type("_Factorization", (), {"factorize": staticmethod(factorize)})
    steps = borrowed(do_authentication, rsa=keys.crypto(), Factorization=factorization)
    try:
        agreed: tuple[Any, int] = await steps(sender)
    except (OSError, EOFError, BufferError, SecurityError):
        raise
    except Exception as error:
        # Telethon reads and reckons with whatever came; it may fail at it in any way.
        raise SecurityError(f"the key cannot be agreed upon: {type(error).__name__}") from error
    return agreed


def factorize(pq: int) -> tuple[int, int]:
    """Give the two prime factors of a number, the smaller one first.

    Raises:
        telethon.errors.SecurityError: it is larger than those of servers are, or has no two factors; to find that out
            in the way that Telethon looks for them would take hours.
    """
    # Fermat's test takes one product of two primes in many billions for a prime; then the server is asked anew.
    if not 3 < pq < 1 << 63 or pow(2, pq - 1, pq) == 1:
        raise SecurityError("the server's number has no two factors")
    p, q = Factorization.factorize(pq)
    if not 1 < p <= q < pq:
        raise SecurityError("the server's number has no two factors")
    return p, q
