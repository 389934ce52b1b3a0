"""Sets of stickers and custom emoji."""

from __future__ import annotations

from telethon.tl import functions, types

from tgvault.testing.telegram.account.possessions import StickerPackage
from tgvault.testing.telegram.methods.registry import answers
from tgvault.testing.telegram.refusal import Refusal
from tgvault.testing.telegram.tl import Tl
from tgvault.testing.telegram.world import Invocation

__all__: list[str] = []

#: Which set a list is of, by the request.
_LISTS = {
    functions.messages.GetAllStickersRequest: (False, False),
    functions.messages.GetMaskStickersRequest: (True, False),
    functions.messages.GetEmojiStickersRequest: (False, True),
}


@answers(*_LISTS)
def get_all(asked: Invocation) -> types.messages.AllStickers:
    """List the installed sets of stickers, of masks or of custom emoji."""
    kind = _LISTS[type(asked.request)]
    sets = [
        package.set
        for package in asked.account.has.sticker_packages
        if package.installed and (bool(package.set.masks), bool(package.set.emojis)) == kind
    ]
    return types.messages.AllStickers(1, sets)


@answers(functions.messages.GetStickerSetRequest, bots=True)
def get_set(asked: Invocation) -> types.messages.StickerSet:
    """Give a set by its id and access hash, or by its short name."""
    package = _find(asked)
    return types.messages.StickerSet(package.set, package.packs, [], package.documents)


def _find(asked: Invocation) -> StickerPackage:
    wanted = asked.request.stickerset
    for package in asked.account.has.sticker_packages:
        if isinstance(wanted, types.InputStickerSetShortName) and package.set.short_name == wanted.short_name:
            return package
        if isinstance(wanted, types.InputStickerSetID) and _same(package.set, wanted):
            return package
    raise Refusal("STICKERSET_INVALID")


def _same(known: Tl, wanted: Tl) -> bool:
    return bool(known.id == wanted.id and known.access_hash == wanted.access_hash)


@answers(functions.messages.GetCustomEmojiDocumentsRequest, bots=True)
def get_custom_emoji(asked: Invocation) -> list[Tl]:
    """Give custom emoji by their ids; those that there are not are left out."""
    shelf = asked.account.shelf
    return [found for each in asked.request.document_id if (found := shelf.paper("document", each)) is not None]
