"""The keys that Google makes for service accounts, and what is sent to be given access with one (RFC 7523).

opendal 0.47 takes such a key too, and asks for another token with each request that it makes.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tgvault.api import SinkPermissionError
from tgvault_plugins.cloud.provider import Client, Provider

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["form_of"]

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Seconds that what is sent is good for; Google takes an hour at most.
_LASTING = 3_600


class _KeyFile(msgspec.Struct):
    """The fields of a key file that matter, those of a service account and those of a person.

    Other kinds name a program to run, or an address to ask for more; they are not taken.
    """

    type: str
    client_email: str = ""
    private_key: str = ""
    private_key_id: str = ""
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str = ""


def form_of(key: str, *, provider: Provider, now: Callable[[], float]) -> Callable[[], Mapping[str, str]]:
    """Give what makes the form to post for a token; key is the content of a key file, or its path.

    Raises:
        SinkPermissionError: it is none.
    """
    # Outside of any handler: an error on the way could carry the key.
    file = _read(key)
    if file is not None and file.type == "authorized_user" and file.refresh_token:
        client = Client(file.client_id, file.client_secret)
        return lambda: {"grant_type": "refresh_token", "refresh_token": file.refresh_token, **client.form}
    private = _private(file.private_key) if file is not None and file.type == "service_account" else None
    if file is None or private is None:
        raise SinkPermissionError(
            "the credential is not the key of a service account",
            hint="give the content of its JSON file or the path of that file; `tgvault sink login NAME` asks for it",
        )
    return lambda: {"grant_type": _GRANT, "assertion": _assertion(file, private, provider, now())}


def _read(key: str) -> _KeyFile | None:
    content = key.strip()
    try:
        data = content.encode() if content.startswith("{") else Path(content).expanduser().read_bytes()
        return msgspec.json.decode(data, type=_KeyFile)
    except (OSError, ValueError, RuntimeError):  # the last one: a home folder that nobody has
        return None


def _private(pem: str) -> RSAPrivateKey | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return private if isinstance(private, RSAPrivateKey) else None


def _assertion(file: _KeyFile, private: RSAPrivateKey, provider: Provider, now: float) -> str:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    head = {"alg": "RS256", "typ": "JWT", "kid": file.private_key_id}
    told = {"iss": file.client_email, "scope": provider.scope, "aud": provider.token}
    times = {"iat": int(now), "exp": int(now) + _LASTING}
    signed = f"{_part(json.dumps(head).encode())}.{_part(json.dumps({**told, **times}).encode())}"
    return f"{signed}.{_part(private.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
