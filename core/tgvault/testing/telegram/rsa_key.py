"""The RSA key of the loopback server: known to everybody, so it proves and protects nothing."""

from __future__ import annotations

import struct
from hashlib import sha1

import rsa

__all__ = ["FINGERPRINT", "PUBLIC_KEY", "open_block"]

#: The public half, PKCS #1 PEM; `telethon.crypto.rsa.add_key(PUBLIC_KEY, old=False)` makes a client trust the server.
PUBLIC_KEY = """\
-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAk4GD9MAbdVe64SGdaYPUe44PfD5giPDw7iK4bm2K5XhV/IPi91c/
3sR0J2CoNKhrpAqUi4ez39gcTXYDTn/liMrBEakFnISIjF34Q4ZYUtRSssfWADEp
d5aUAKRbFgR1spr6xa8oeehsRgX2/jzqrmFqo503XrD8dRBnI2T91kLmqmz2wVyq
i1UUApnYK+h3uUnF/pLfN0knrb/1fCzjA5BE22hhH7WbJ3qrut8UAT42wpOQcilD
42CF00OY0UIWOfHXhbEqtFEjtTWJjAFD72MafqiN9yZpC8NOuTClJ0Q4+cOWPLe+
FNJ1vNXVRY10tUGM53yp26zDaads+xn/lQIDAQAB
-----END RSA PUBLIC KEY-----
"""

#: The other half. It is published with the package and never protects anything.
_PRIVATE_KEY = """\
-----BEGIN RSA PRIVATE KEY-----
MIIEqQIBAAKCAQEAk4GD9MAbdVe64SGdaYPUe44PfD5giPDw7iK4bm2K5XhV/IPi
91c/3sR0J2CoNKhrpAqUi4ez39gcTXYDTn/liMrBEakFnISIjF34Q4ZYUtRSssfW
ADEpd5aUAKRbFgR1spr6xa8oeehsRgX2/jzqrmFqo503XrD8dRBnI2T91kLmqmz2
wVyqi1UUApnYK+h3uUnF/pLfN0knrb/1fCzjA5BE22hhH7WbJ3qrut8UAT42wpOQ
cilD42CF00OY0UIWOfHXhbEqtFEjtTWJjAFD72MafqiN9yZpC8NOuTClJ0Q4+cOW
PLe+FNJ1vNXVRY10tUGM53yp26zDaads+xn/lQIDAQABAoIBAA+NclpV/w8qRtwB
7VT4v2ifm+ZftVH7BYw2QPfzuNdlDrvnNAEcQ/G7CPw15sZWk7LiIrNrhX2ujZ1l
OggG2C7KIf04swzDtJoINmr4OUvScz3CcD/o7xRa3hQLQEdcBQTl7lb1lvDznqbr
bhV0WtI0F0hVBUeIpaGhao0r2oTvTjHQdwJ9cM6/QU2DtYB5RF2CDIJpKCJnFzai
BJ61Bi7gNQNVDVntvlCpucQqV9HJe79oPG2pvvi4fY5vN7Jrz8WK0SqR93w9rL/M
Bllci1pYi/j8drhNkhVNDYExs7VJ6fpLm3xEgCbKSDGpUl2QMhVlX1YrFdCr7LuN
x3AAeEECgYkAvpojw3/5SbVpLjeVp6JXjBy0PG/X3aOpnP8A4zlBvqgXU2YPh+cY
lcJiM35921AZRRaoVnpf7nOUXVGY9NyvWXPB0zr/mWhGbrG459VyPSSqVN8k6mKv
gZ8vseSwPjDkOKOkhbKvE+wstCgZuoQ9ODKAFLQwveMFX0TJpQILBA6392wQRKZd
qQJ5AMYd8uFZlYUpvOpx9GNgIu3qRzBbvTubTtFfOj/2IAyVbjUYSoetU228Xrzl
tdPa6YcroCAU+JdqO6GtWOhQk29rd0dFrqCNzSFEBzXV/PfNLwi9TwLH85IqfsAZ
AMHAUFiRtDoX3Sa0x0yvRVpjuRmCiXqaXkgODQKBiQC0Dbx3NG90V/FSfaPcRhnZ
/EuvRCBx+eeCrcpS3IXk67mNST6mrYKmBojqCDYwdYxJncvMVbJF+d1QAoMx3T+w
iw+w0W0fqEfQzgbUyuguJnLZ1ipzWGJfWtedf2GWfm05rC0BN/j4IwVf8vnLHp0O
d3ZTGJ1q5AjxJHQwcquhW54iF22OzHJxAnh05gsAKSnujvgnpeG8GWfC1m/2+sqn
tzZEmFn4j7PNeQa0UYb4k68cmv+Tmj81qIAPABDVnUopncdd2LkTKygzoEebSGSH
2+Pj8w4GGCPR28Ia+Aj87RqtbmGn25j0uhMuj5q2hIo7YoQOnYTgluMLSFjyfM+Q
2KkCgYgVg51JQ8W1HI6RX6uzVSjZYRpiBkIyjbPbn0iihfUDHpcX9YZZ4Fjqrz77
yiQ3ZHE9jg5w+LYOOU10rRoJR/nTKnPcVrb/gQyFf1pO7UAV32PRV7CmbP7dUdID
Ixa8aT0rcx+3Dmhb9YvJ8Tk8FpwVN0JA1uAI58Cb85+fWBXpaPpjdW6kV0i9
-----END RSA PRIVATE KEY-----
"""

_key = rsa.PrivateKey.load_pkcs1(_PRIVATE_KEY.encode())


def _tl_bytes(number: int) -> bytes:
    """Write a number as TL writes bytes: https://core.telegram.org/mtproto/serialize#base-types ."""
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    head = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return head + data + bytes(-(len(head) + len(data)) % 4)


#: By which a client finds the key: the last 64 bits of the SHA-1 of modulus and exponent, signed
#: (https://core.telegram.org/mtproto/auth_key).
FINGERPRINT: int = struct.unpack("<q", sha1(_tl_bytes(_key.n) + _tl_bytes(_key.e)).digest()[-8:])[0]  # noqa: S324


def open_block(block: bytes) -> bytes:
    """Undo the RSA of a 256-byte block; gives the 255 bytes inside.

    By the Chinese remainder theorem, which takes a quarter of the time of the plain power.
    """
    number = int.from_bytes(block, "big")
    first, second = pow(number, _key.exp1, _key.p), pow(number, _key.exp2, _key.q)
    return (second + _key.q * ((first - second) * _key.coef % _key.p)).to_bytes(256, "big")[1:]
