"""Sealing with a passphrase, in a process of its own.

age derives the key with scrypt: 2 to 4 seconds and 512 MB a call, during which pyrage holds the GIL (measured with
pyrage 1.4.0 on a two-core EPYC). In a process of its own it stops nobody else, and the memory goes back at once.
The secrets pass through pipes: never through arguments, the environment or files.
"""

from __future__ import annotations

import subprocess
import sys
from typing import BinaryIO

import pyrage

from tgvault.crypto.age import OpeningFailure, UnsealError
from tgvault.errors import AccessError, BadKeyError

__all__ = ["seal_with_passphrase", "serve", "unseal_with_passphrase"]

_CODE = """
import sys
from tgvault.crypto.passphrase import serve
sys.exit(serve(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer))
"""

# -P keeps the current folder, where anybody may have put a module, off the path of a process that gets secrets.
_COMMAND = (sys.executable, "-P", "-c", _CODE)

#: Exit codes from here on say which `OpeningFailure` it was; lower ones are Python's own.
_FAILED = 100


def seal_with_passphrase(plaintext: bytes, passphrase: str) -> bytes:
    """Encrypt to a passphrase alone, as an age v1 file in its binary form. Takes seconds.

    Raises:
        BadKeyError: the passphrase cannot be written as UTF-8.
        AccessError: there was not enough memory.
    """
    code, sealed = _run("seal", passphrase, plaintext)
    if code:
        raise _ended(code)
    return sealed


def unseal_with_passphrase(sealed: bytes, passphrase: str) -> bytes:
    """Decrypt what `seal_with_passphrase` or `age -p` made. Takes seconds.

    Raises:
        UnsealError: the passphrase is wrong, the file is not whole, or it wants too much work.
        BadKeyError: the passphrase cannot be written as UTF-8.
        AccessError: there was not enough memory.
    """
    code, plaintext = _run("open", passphrase, sealed)
    if code > _FAILED:
        raise UnsealError(OpeningFailure(code - _FAILED))
    if code:
        raise _ended(code)
    return plaintext


def serve(work: str, source: BinaryIO, target: BinaryIO) -> int:
    """Do the work (`seal` or `open`) in the process of its own; gives the exit code.

    The source holds the length of the passphrase in 4 bytes (little-endian), the passphrase and the data.
    """
    size = int.from_bytes(source.read(4), "little")
    passphrase = source.read(size).decode()
    data = source.read()
    try:
        result = (pyrage.passphrase.encrypt if work == "seal" else pyrage.passphrase.decrypt)(data, passphrase)
    except pyrage.DecryptError as error:
        return _FAILED + _failure(str(error)).value
    target.write(result)
    return 0


def _run(work: str, passphrase: str, data: bytes) -> tuple[int, bytes]:
    try:
        secret = passphrase.encode()
    except UnicodeEncodeError:
        # The error would carry the passphrase.
        raise BadKeyError("the passphrase has characters that UTF-8 cannot write") from None
    done = subprocess.run(  # noqa: S603 - the command is a constant
        [*_COMMAND, work],
        input=len(secret).to_bytes(4, "little") + secret + data,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout


def _failure(message: str) -> OpeningFailure:
    # As with recipients, only the text tells the causes apart. What has no scrypt stanza never was sealed so.
    if "Decryption failed" in message:
        return OpeningFailure.WRONG_KEY
    if "Excessive work" in message:
        return OpeningFailure.TOO_COSTLY
    if "fill whole buffer" in message or "Incomplete header" in message or "truncated" in message:
        return OpeningFailure.TRUNCATED
    return OpeningFailure.ALTERED


def _ended(code: int) -> AccessError:
    return AccessError(
        f"the process that works on the passphrase ended with code {code}",
        hint="it needs 512 MB of free memory; close other programs and try again",
    )
