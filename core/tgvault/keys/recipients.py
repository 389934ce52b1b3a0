"""Public keys as people give them: typed, pasted or as the name of a file."""

from __future__ import annotations

from pathlib import Path

from tgvault.crypto.age import Recipient
from tgvault.errors import BadKeyError

__all__ = ["read_recipient"]

_STARTS = ("age1", "ssh-", "ecdsa-", "sk-")
_SECRETS = ("AGE-SECRET-KEY-", "AGE-PLUGIN-", "-----BEGIN ")

#: Characters; a file of public keys is small.
_LARGEST = 1 << 16


def read_recipient(given: str) -> Recipient:
    """Read a public key: `age1…`, an SSH public key line, or the path of a file that holds one of them.

    Raises:
        BadKeyError: it is none, or of a kind that cannot be used; keys in hardware and of age plugins cannot.
    """
    text = given.strip()
    if text.startswith(_STARTS):
        return _recipient(text)
    if text.upper().startswith(_SECRETS):
        raise _secret()
    return _recipient(_line_of(Path(text)))


def _recipient(text: str) -> Recipient:
    # An SSH key's comment says who it is of; the same key with another comment is the same.
    return Recipient(" ".join(text.split()[:2]) if text.startswith("ssh-") else text)


def _line_of(path: Path) -> str:
    try:
        with path.expanduser().open(encoding="utf-8") as file:
            text = file.read(_LARGEST)
    except (OSError, UnicodeDecodeError, ValueError):
        raise BadKeyError(
            "what was given is neither a public key nor a file that holds one",
            hint="give `age1…`, a line such as `ssh-ed25519 …`, or the path of a `.pub` file",
        ) from None
    if any(secret in text.upper() for secret in _SECRETS):
        raise _secret()
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 1:
        raise BadKeyError(
            f"`{path}` holds {len(lines)} public keys", hint="add one key at a time, each under its own name"
        )
    return lines[0]


def _secret() -> BadKeyError:
    return BadKeyError(
        "that is the secret half of a key",
        hint="give the public half: `age-keygen -y FILE` prints it, an SSH key has it in its `.pub` file",
    )
