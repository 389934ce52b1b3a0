"""Following Telegram to its content delivery network: encrypted parts of files that many people ask for.

See https://core.telegram.org/cdn: parts are AES-256-CTR with the counter at the offset divided by 16, and each block of
the plain bytes has a SHA-256 that the account's own data centre tells.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Any

from telethon import errors
from telethon.crypto import AESModeCTR
from telethon.tl.functions.upload import GetCdnFileHashesRequest, GetCdnFileRequest, ReuploadCdnFileRequest
from telethon.tl.types.upload import CdnFileReuploadNeeded

from tgvault_plugins.takeout.calling import Caller

__all__ = ["CdnReader", "decrypted"]


class CdnReader:
    """Reads parts of files from the network's servers."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def read(self, redirect: Any, dc: int, start: int, length: int) -> bytes:
        """Give a part; `redirect` is what the data centre `dc` answered in its place.

        Raises:
            telethon.errors.RPCError: the part cannot be had; also when it is not what the data centre says.
        """
        answer = await self._ask(redirect, start, length)
        if isinstance(answer, CdnFileReuploadNeeded):
            await self._caller(ReuploadCdnFileRequest(redirect.file_token, answer.request_token), dc=dc)
            answer = await self._ask(redirect, start, length)
        data = decrypted(answer.bytes, redirect.encryption_key, redirect.encryption_iv, start)
        await self._check(redirect, dc, start, data)
        return data

    async def _ask(self, redirect: Any, start: int, length: int) -> Any:
        return await self._caller.at_cdn(redirect.dc_id, GetCdnFileRequest(redirect.file_token, start, length))

    async def _check(self, redirect: Any, dc: int, start: int, data: bytes) -> None:
        at = 0
        while at < len(data):
            hashes = await self._caller(GetCdnFileHashesRequest(redirect.file_token, start + at), dc=dc)
            usable = [each for each in hashes if each.offset >= start + at]
            if not usable:
                raise errors.RPCError(None, "CDN_HASHES_MISSING", 400)
            for each in usable:
                block = data[each.offset - start : each.offset - start + each.limit]
                if not block:
                    break
                if hashlib.sha256(block).digest() != each.hash:
                    raise errors.RPCError(None, "CDN_HASH_MISMATCH", 400)
                at = each.offset - start + len(block)


def decrypted(data: bytes, key: bytes, iv: bytes, start: int) -> bytes:
    """Decrypt a part that begins at an offset; the last four bytes of the counter are the offset in blocks."""
    counter = iv[:-4] + struct.pack(">I", start // 16)
    plain: bytes = AESModeCTR(key, counter).decrypt(data)
    return plain
