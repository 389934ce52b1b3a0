"""Rich messages: blocks of text, media, lists and tables, in place of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.rich_buttons import rich_button
from tgvault_plugins.takeout.convert.rich_files import Media
from tgvault_plugins.takeout.convert.rich_media import MEDIA
from tgvault_plugins.takeout.convert.rich_text import caption, rich_text
from tgvault_plugins.takeout.convert.values import Fields

__all__ = ["rich_fields"]

#: Blocks that hold one text, with what else Telegram Desktop says of them.
_TEXTS: dict[type, Fields] = {
    types.PageBlockTitle: {"type": "heading", "level": 1},
    types.PageBlockSubtitle: {"type": "heading", "level": 2},
    types.PageBlockHeader: {"type": "heading", "level": 3},
    types.PageBlockSubheader: {"type": "heading", "level": 4},
    types.PageBlockKicker: {"type": "heading", "level": 5},
    types.PageBlockHeading1: {"type": "heading", "level": 1},
    types.PageBlockHeading2: {"type": "heading", "level": 2},
    types.PageBlockHeading3: {"type": "heading", "level": 3},
    types.PageBlockHeading4: {"type": "heading", "level": 4},
    types.PageBlockHeading5: {"type": "heading", "level": 5},
    types.PageBlockHeading6: {"type": "heading", "level": 6},
    types.PageBlockParagraph: {"type": "paragraph"},
    types.PageBlockFooter: {"type": "footer"},
    types.PageBlockThinking: {"type": "thinking"},
}

Teller = Callable[[Any, Media, str], Fields]


def rich_fields(message: types.RichMessage, making: Making) -> Fields:
    """Give `rich_message`, as Telegram Desktop writes it since 7.x, but without rights to read chats and places."""
    media = Media(message, making)
    blocks = _blocks(message.blocks, media, "rich_message/blocks")
    return {"rtl": bool(message.rtl), "part": bool(message.part), "blocks": blocks}


def _blocks(blocks: Iterable[Any] | None, media: Media, at: str) -> list[Fields]:
    return [_block(block, media, f"{at}/{place}") for place, block in enumerate(blocks or ())]


def _block(block: Any, media: Media, at: str) -> Fields:
    if (start := _TEXTS.get(type(block))) is not None:
        return start | {"text": rich_text(block.text, media, f"{at}/text")}
    if (teller := _TELLERS.get(type(block)) or MEDIA.get(type(block))) is not None:
        return teller(block, media, at)
    if isinstance(block, types.PageBlockUnsupported):
        return {"type": "unsupported", "source_type": "page_block_unsupported", "unsupported": True}
    known = media.making.unknown("block", block)
    return {"type": "unsupported", "source_type": "unknown", "unsupported": True, "api": known}


def _code(block: types.PageBlockPreformatted, media: Media, at: str) -> Fields:
    return {"type": "code", "text": rich_text(block.text, media, f"{at}/text"), "language": block.language or ""}


def _author(block: types.PageBlockAuthorDate, media: Media, at: str) -> Fields:
    author = rich_text(block.author, media, f"{at}/author")
    return {"type": "author_date", "author": author, **media.making.around.times.both("date", block.published_date)}


def _quote(block: Any, media: Media, at: str) -> Fields:
    found: Fields = {"type": "quote", "content": "text", "pullquote": isinstance(block, types.PageBlockPullquote)}
    if isinstance(block, types.PageBlockBlockquoteBlocks):
        found |= {"content": "blocks", "blocks": _blocks(block.blocks, media, f"{at}/blocks")}
    else:
        found["text"] = rich_text(block.text, media, f"{at}/text")
    return found | {"caption": rich_text(block.caption, media, f"{at}/caption")}


def _list(block: types.PageBlockList, media: Media, at: str) -> Fields:
    items = [_item(item, media, f"{at}/items/{place}") for place, item in enumerate(block.items or ())]
    return {"type": "list", "kind": "bullet", "items": items}


def _ordered(block: types.PageBlockOrderedList, media: Media, at: str) -> Fields:
    found: Fields = {"type": "list", "kind": "ordered", "reversed": bool(block.reversed)}
    if block.start is not None:
        found["start"] = block.start
    if block.type is not None:
        found["list_type"] = block.type
    items = [_ordered_item(item, media, f"{at}/items/{place}") for place, item in enumerate(block.items or ())]
    return found | {"items": items}


def _item(item: Any, media: Media, at: str) -> Fields:
    state = "none" if not item.checkbox else "checked" if item.checked else "unchecked"
    if isinstance(item, types.PageListItemBlocks | types.PageListOrderedItemBlocks):
        blocks = _blocks(item.blocks, media, f"{at}/blocks")
        return {"task_state": state, "content": "blocks", "blocks": blocks}
    return {"task_state": state, "content": "text", "text": rich_text(item.text, media, f"{at}/text")}


def _ordered_item(item: Any, media: Media, at: str) -> Fields:
    found = _item(item, media, at)
    named = (("num", item.num), ("value", item.value), ("item_type", item.type))
    return found | {name: value for name, value in named if value is not None}


def _table(block: types.PageBlockTable, media: Media, at: str) -> Fields:
    rows = [
        {"cells": [_cell(c, media, f"{at}/rows/{r}/cells/{i}") for i, c in enumerate(row.cells or ())]}
        for r, row in enumerate(block.rows or ())
    ]
    return {
        "type": "table",
        "title": rich_text(block.title, media, f"{at}/title"),
        "bordered": bool(block.bordered),
        "striped": bool(block.striped),
        "compact": bool(block.compact),
        "rows": rows,
    }


def _cell(cell: types.PageTableCell, media: Media, at: str) -> Fields:
    found: Fields = {} if cell.text is None else {"text": rich_text(cell.text, media, f"{at}/text")}
    if cell.colspan is not None:
        found["colspan"] = cell.colspan
    if cell.rowspan is not None:
        found["rowspan"] = cell.rowspan
    align = "right" if cell.align_right else "center" if cell.align_center else "left"
    vertical = "bottom" if cell.valign_bottom else "middle" if cell.valign_middle else "top"
    return found | {"header": bool(cell.header), "align": align, "vertical_align": vertical}


def _details(block: types.PageBlockDetails, media: Media, at: str) -> Fields:
    title, blocks = rich_text(block.title, media, f"{at}/title"), _blocks(block.blocks, media, f"{at}/blocks")
    return {"type": "details", "title": title, "open": bool(block.open), "blocks": blocks}


def _gallery(word: str) -> Teller:
    def told(block: Any, media: Media, at: str) -> Fields:
        items = _blocks(block.items, media, f"{at}/items")
        return {"type": word, "items": items, "caption": caption(block.caption, media, f"{at}/caption")}

    return told


def _post(block: types.PageBlockEmbedPost, media: Media, at: str) -> Fields:
    return {
        "type": "embed_post",
        "url": block.url or "",
        "webpage_id": str(block.webpage_id),
        **media.photo(block.author_photo_id, at, key="author_photo", pixels="author_photo_"),
        "author": block.author or "",
        **media.making.around.times.both("date", block.date),
        "blocks": _blocks(block.blocks, media, f"{at}/blocks"),
        "caption": caption(block.caption, media, f"{at}/caption"),
    }


def _button_row(block: types.PageBlockButtonRow, media: Media, at: str) -> Fields:
    align = (
        "left" if block.align_left else "center" if block.align_center else "right" if block.align_right else "stretch"
    )
    told = [(button, rich_button(button, inline=False)) for button in block.buttons or ()]
    kept = [(button, found) for button, found in told if found is not None]
    buttons = [
        {"text": rich_text(button.text, media, f"{at}/buttons/{place}/text"), **found}
        for place, (button, found) in enumerate(kept)
    ]
    return {"type": "button_row", "alignment": align, "buttons": buttons}


_TELLERS: dict[type, Teller] = {
    types.PageBlockPreformatted: _code,
    types.PageBlockAuthorDate: _author,
    types.PageBlockBlockquote: _quote,
    types.PageBlockPullquote: _quote,
    types.PageBlockBlockquoteBlocks: _quote,
    types.PageBlockList: _list,
    types.PageBlockOrderedList: _ordered,
    types.PageBlockTable: _table,
    types.PageBlockDetails: _details,
    types.PageBlockCollage: _gallery("collage"),
    types.PageBlockSlideshow: _gallery("slideshow"),
    types.PageBlockEmbedPost: _post,
    types.PageBlockButtonRow: _button_row,
    types.PageBlockCover: lambda block, media, at: {
        "type": "cover",
        "block": _block(block.cover, media, f"{at}/block"),
    },
}
