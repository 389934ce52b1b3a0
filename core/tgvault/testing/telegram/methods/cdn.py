"""Files that another company's servers hand out, encrypted: https://core.telegram.org/cdn ."""

from __future__ import annotations

from hashlib import sha256

from telethon.tl import functions, types

from tgvault.testing.telegram.account.content import Content
from tgvault.testing.telegram.calls import Part
from tgvault.testing.telegram.ctr import ctr
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__ = ["cdn_iv", "cdn_key", "hash_ranges"]

#: Bytes that one hash is of.
_RANGE = 128 << 10
#: Hashes that are told at once.
_AT_ONCE = 10


def cdn_key(token: bytes) -> bytes:
    """Give the AES key of a file."""
    return sha256(b"key" + token).digest()


def cdn_iv(token: bytes) -> bytes:
    """Give the first counter of a file; its last four bytes are replaced by the offset in blocks of 16."""
    return sha256(b"iv" + token).digest()[:16]


def _encrypted(content: Content, token: bytes, offset: int, limit: int) -> bytes:
    """Give a part as it lies at the CDN: AES-256-CTR."""
    counter = cdn_iv(token)[:12] + (offset // 16).to_bytes(4, "big")
    return ctr(content.read(offset, limit), key=cdn_key(token), counter=counter)


def hash_ranges(content: Content, offset: int) -> list[types.FileHash]:
    """Give hashes from the range of an offset on; of the plain bytes, as Telegram Desktop checks them."""
    start = offset // _RANGE * _RANGE
    offsets = range(start, min(content.size, start + _AT_ONCE * _RANGE), _RANGE)
    parts = ((each, content.read(each, _RANGE)) for each in offsets)
    return [types.FileHash(each, len(data), sha256(data).digest()) for each, data in parts]


def _content(asked: Invocation, token: bytes) -> Content:
    key = asked.world.cdn_files.get(token)
    content = asked.account.shelf.content(*key) if key is not None else None
    if content is None:
        raise Refusal("FILE_TOKEN_INVALID")
    return content


@answers(functions.upload.GetCdnFileRequest, login=False, cdn=True)
def get_cdn_file(asked: Invocation) -> Tl:
    """Give an encrypted part, or ask for the file to be brought here first."""
    request = asked.request
    if request.limit <= 0 or request.limit % 4096 or request.limit > 1 << 20:
        raise Refusal("LIMIT_INVALID")
    if request.offset % 4096:
        raise Refusal("OFFSET_INVALID")
    token = request.file_token
    content = _content(asked, token)
    if token not in asked.world.uploaded:
        return types.upload.CdnFileReuploadNeeded(sha256(token).digest())
    data = _encrypted(content, token, request.offset, request.limit)
    _, file_id, letter = asked.world.cdn_files[token]
    asked.part = Part("cdn", file_id, letter, request.offset, request.limit, len(data))
    return types.upload.CdnFile(data)


@answers(functions.upload.ReuploadCdnFileRequest)
def reupload(asked: Invocation) -> list[Tl]:
    """Bring a file to the CDN."""
    token = asked.request.file_token
    content = _content(asked, token)
    if asked.request.request_token != sha256(token).digest():
        raise Refusal("REQUEST_TOKEN_INVALID")
    asked.world.uploaded.add(token)
    return list(hash_ranges(content, 0))


@answers(functions.upload.GetCdnFileHashesRequest)
def get_hashes(asked: Invocation) -> list[Tl]:
    """Give the hashes of a file from an offset on."""
    token = asked.request.file_token
    return list(hash_ranges(_content(asked, token), asked.request.offset))
