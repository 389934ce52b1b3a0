"""`upload.*`: the bytes of files: https://core.telegram.org/api/files#downloading-files ."""

from __future__ import annotations

from hashlib import sha256

from telethon.tl import functions, types

from tgvault.testing.telegram.account.content import Content
from tgvault.testing.telegram.account.shelf import FileKey
from tgvault.testing.telegram.calls import Part
from tgvault.testing.telegram.methods.cdn import cdn_iv, cdn_key, hash_ranges
from tgvault.testing.telegram.methods.common import peer_of
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import CDN_DC, Invocation

__all__: list[str] = []

_KIB, _MIB = 1 << 10, 1 << 20
_TYPES = {
    b"\xff\xd8\xff": types.storage.FileJpeg,
    b"RIFF": types.storage.FileWebp,
    b"\x00\x00\x00\x18ftyp": types.storage.FileMp4,
    b"ID3": types.storage.FileMp3,
    b"%PDF": types.storage.FilePdf,
}


@answers(functions.upload.GetFileRequest, bots=True)
def get_file(asked: Invocation) -> Tl:
    """Give a part of a file, or send the client to the CDN for it."""
    request = asked.request
    key, content = _find(asked, request.location)
    _check_range(request)
    if content.dc != asked.dc:
        raise Refusal(f"FILE_MIGRATE_{content.dc}")
    # Telegram sends clients there that do not set `cdn_supported`, too; Telethon never sets it.
    if asked.world.on_cdn(*key):
        return _redirect(asked, key, content)
    if request.offset > content.size:
        raise Refusal("OFFSET_INVALID")
    data = content.read(request.offset, request.limit)
    asked.part = Part(*key, request.offset, request.limit, len(data))
    return types.upload.File(_type_of(content), int(asked.account.now.timestamp()), data)


def _check_range(request: Tl) -> None:
    """Keep to the rules: a part lies within a mebibyte, and begins and ends at multiples of 4 KiB (precise: 1 KiB)."""
    step = _KIB if request.precise else 4 * _KIB
    if request.limit <= 0 or request.limit > _MIB or request.limit % step:
        raise Refusal("LIMIT_INVALID")
    if request.offset < 0 or request.offset % step:
        raise Refusal("OFFSET_INVALID")
    if not request.precise and _MIB % request.limit:
        raise Refusal("LIMIT_INVALID")
    if request.offset // _MIB != (request.offset + request.limit - 1) // _MIB:
        raise Refusal("LIMIT_INVALID")


def _find(asked: Invocation, location: Tl) -> tuple[FileKey, Content]:
    """Tell which file is meant, and see that the client may have it."""
    if isinstance(location, types.InputTakeoutFileLocation):
        asked.need_takeout()
        data = asked.account.has.other_data
        return ("takeout", 0, ""), Content(0, len(data), asked.dc, data)
    key = _key(asked, location)
    shelf = asked.account.shelf
    if not isinstance(location, types.InputPeerPhotoFileLocation):
        shelf.check(key[0], key[1], access_hash=location.access_hash, reference=location.file_reference)
    content = shelf.content(*key)
    if content is None:
        raise Refusal("LOCATION_INVALID")
    return key, content


def _key(asked: Invocation, location: Tl) -> FileKey:
    if isinstance(location, types.InputDocumentFileLocation):
        return "document", location.id, location.thumb_size
    if isinstance(location, types.InputPhotoFileLocation):
        return "photo", location.id, location.thumb_size
    if isinstance(location, types.InputPeerPhotoFileLocation):
        peer_of(asked, location.peer)
        return "photo", location.photo_id, "c" if location.big else "a"
    raise Refusal("LOCATION_INVALID")


def _type_of(content: Content) -> Tl:
    kinds = (kind for head, kind in _TYPES.items() if content.head.startswith(head))
    return next(kinds, types.storage.FilePartial)()


def _redirect(asked: Invocation, key: FileKey, content: Content) -> types.upload.FileCdnRedirect:
    token = sha256(repr(key).encode()).digest()[:16]
    asked.world.cdn_files[token] = key
    # The hash of the first range only, as Telegram may; for the others there is getCdnFileHashes.
    return types.upload.FileCdnRedirect(CDN_DC, token, cdn_key(token), cdn_iv(token), hash_ranges(content, 0)[:1])


@answers(functions.upload.GetFileHashesRequest, bots=True)
def get_file_hashes(asked: Invocation) -> list[Tl]:
    """Give the SHA-256 of parts of a file."""
    _, content = _find(asked, asked.request.location)
    return list(hash_ranges(content, asked.request.offset))
