"""Following Telegram to its content delivery network: encrypted parts of files that many people ask for.

See https://core.telegram.org/cdn: parts are AES-256-CTR with the counter at the offset divided by 16, and each block of
the plain bytes has a SHA-256 that the account's own data centre tells.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from telethon import errors
from telethon.crypto import AES
from telethon.tl.functions.upload import GetCdnFileHashesRequest, GetCdnFileRequest, ReuploadCdnFileRequest
from telethon.tl.types.upload import CdnFileReuploadNeeded

from tgvault.api import SourceUnavailableError
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.failures import word_of

__all__ = ["CdnReader", "decrypted", "is_outdated"]


#: Bytes that the cipher takes at once, and bytes of its keys.
_BLOCK = 16
_KEY = 32
_NO_VECTOR = bytes(2 * _BLOCK)


class CdnReader:
    """Reads parts of files from the network's servers. `ask` sends a request to the data centre that a file is from."""

    def __init__(self, caller: Caller, ask: Callable[[Any, int], Awaitable[Any]]) -> None:
        self._caller = caller
        self._ask_home = ask
        #: Data centres that could not be reached; they are not tried again, each try takes minutes.
        self._away: set[int] = set()

    async def read(self, redirect: Any, dc: int, start: int, length: int) -> bytes:
        """Give a part; `redirect` is what the data centre `dc` answered in its place.

        Raises:
            telethon.errors.RPCError: the part cannot be had; also when it is not what the data centre says.
        """
        if (len(redirect.encryption_key), len(redirect.encryption_iv)) != (_KEY, _BLOCK):
            raise _refused("CDN_KEY_INVALID")
        answer = await self._ask(redirect, start, length)
        if isinstance(answer, CdnFileReuploadNeeded):
            await self._ask_home(ReuploadCdnFileRequest(redirect.file_token, answer.request_token), dc)
            answer = await self._ask(redirect, start, length)
        if isinstance(answer, CdnFileReuploadNeeded):
            raise _refused("CDN_FILE_REUPLOAD_NEEDED")
        data = decrypted(answer.bytes, redirect.encryption_key, redirect.encryption_iv, start)
        await self._check(redirect, dc, start, data)
        return data

    async def _ask(self, redirect: Any, start: int, length: int) -> Any:
        if redirect.dc_id in self._away:
            raise _refused("CDN_UNREACHABLE")
        try:
            return await self._caller.at_cdn(redirect.dc_id, GetCdnFileRequest(redirect.file_token, start, length))
        except SourceUnavailableError as error:
            # Telegram itself may well be there.
            self._away.add(redirect.dc_id)
            raise _refused("CDN_UNREACHABLE") from error

    async def _check(self, redirect: Any, dc: int, start: int, data: bytes) -> None:
        """See that every byte is in a block whose hash is the one that the data centre tells."""
        told: dict[int, Any] = {}
        at = 0
        while at < len(data):
            if start + at not in told:
                hashes = await self._ask_home(GetCdnFileHashesRequest(redirect.file_token, start + at), dc)
                told = {each.offset: each for each in hashes if each.limit > 0}
            block = told.get(start + at)
            if block is None:
                raise _refused("CDN_HASHES_MISSING")
            if hashlib.sha256(data[at : at + block.limit]).digest() != block.hash:
                raise _refused("CDN_HASH_MISMATCH")
            at += block.limit


def is_outdated(error: errors.RPCError) -> bool:
    """Tell whether Telegram has to say anew where a file is handed out."""
    return word_of(error) in {"FILE_TOKEN_INVALID", "REQUEST_TOKEN_INVALID"}


def _refused(word: str) -> errors.RPCError:
    return errors.RPCError(None, word, 400)


def decrypted(data: bytes, key: bytes, iv: bytes, start: int) -> bytes:
    """Decrypt a part that begins at an offset; the last four bytes of the counter are the offset in blocks.

    A single block in IGE mode without a vector is the bare cipher, which counters go through. Telethon's own
    `AESModeCTR` is written in Python, and takes more than a second for a megabyte.
    """
    first, blocks = start // _BLOCK, -(-len(data) // _BLOCK)
    counters = (iv[:-4] + struct.pack(">I", each) for each in range(first, first + blocks))
    stream = b"".join(AES.encrypt_ige(each, key, _NO_VECTOR) for each in counters)
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(stream[: len(data)], "little")
    return mixed.to_bytes(len(data), "little")
