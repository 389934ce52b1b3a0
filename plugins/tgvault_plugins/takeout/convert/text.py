"""Texts and what is marked in them, in the two forms of Telegram Desktop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.media import emoji_file
from tgvault_plugins.takeout.convert.values import Fields, plain

__all__ = ["both_forms", "joined"]

_TYPES: dict[type, str] = {
    types.MessageEntityUnknown: "unknown",
    types.MessageEntityMention: "mention",
    types.MessageEntityHashtag: "hashtag",
    types.MessageEntityBotCommand: "bot_command",
    types.MessageEntityUrl: "link",
    types.MessageEntityEmail: "email",
    types.MessageEntityBold: "bold",
    types.MessageEntityItalic: "italic",
    types.MessageEntityCode: "code",
    types.MessageEntityPre: "pre",
    types.MessageEntityTextUrl: "text_link",
    types.MessageEntityMentionName: "mention_name",
    types.InputMessageEntityMentionName: "mention_name",
    types.MessageEntityPhone: "phone",
    types.MessageEntityCashtag: "cashtag",
    types.MessageEntityUnderline: "underline",
    types.MessageEntityStrike: "strikethrough",
    types.MessageEntityBlockquote: "blockquote",
    types.MessageEntityBankCard: "bank_card",
    types.MessageEntitySpoiler: "spoiler",
    types.MessageEntityCustomEmoji: "custom_emoji",
}
#: Known, and written as `unknown`: the export has no words for them.
_UNTOLD = (
    types.MessageEntityFormattedDate,
    types.MessageEntityDiffInsert,
    types.MessageEntityDiffReplace,
    types.MessageEntityDiffDelete,
)


class _Run(NamedTuple):
    text: str
    entity: Any  # of Telegram's; None for plain text


def both_forms(text: str | None, entities: Sequence[Any] | None, making: Making) -> Fields:
    """Give `text` and `text_entities` of a message.

    Of entities that lie across or inside each other only the first is kept, as in Telegram Desktop; then all of them
    stand in the body's `api`, with their offsets, as do those that an export has no words for.
    """
    if not entities or not text:
        return {"text": text or "", "text_entities": [{"type": "plain", "text": text}] if text else []}
    runs, lost = _runs(text, entities)
    if lost or any(run.entity is not None and type(run.entity) not in _TYPES for run in runs):
        making.api["entities"] = [plain(entity) for entity in entities]
    mixed: list[object] = []
    objects: list[object] = []
    for place, run in enumerate(runs):
        if run.entity is None:
            mixed.append(run.text)
            objects.append({"type": "plain", "text": run.text})
        else:
            mixed.append(_object(run, making, f"text/{place}/document_id"))
            objects.append(_object(run, making, f"text_entities/{place}/document_id", again=True))
    only_plain = len(runs) == 1 and runs[0].entity is None
    return {"text": runs[0].text if only_plain else mixed, "text_entities": objects}


def joined(text: types.TextWithEntities | None, making: Making) -> object:
    """Give a text that has one form only: a string, or a list of strings and objects."""
    if text is None or not text.text:
        return ""
    runs, _ = _runs(text.text, text.entities or ())
    if len(runs) == 1 and runs[0].entity is None:
        return runs[0].text
    return [run.text if run.entity is None else _object(run, making, None) for run in runs]


def _object(run: _Run, making: Making, place: str | None, *, again: bool = False) -> Fields:
    entity = run.entity
    kind = _TYPES.get(type(entity))
    if kind is None:
        if not isinstance(entity, _UNTOLD) and not again:
            making.unknown("entity", entity)
        kind = "unknown"
    found: Fields = {"type": kind, "text": run.text}
    match kind:
        case "pre":
            found["language"] = entity.language or ""
        case "text_link":
            found["href"] = entity.url or ""
        case "mention_name":
            found["user_id"] = getattr(entity.user_id, "user_id", entity.user_id)
        case "blockquote":
            found["collapsed"] = bool(entity.collapsed)
        case "custom_emoji":
            found["document_id"] = emoji_file(int(entity.document_id), making, place)
    return found


def _runs(text: str, entities: Sequence[Any]) -> tuple[list[_Run], bool]:
    """Cut a text at its entities, and tell whether one of them was left out."""
    cut, limit = _Cut(text), len(text.encode(errors="surrogatepass"))
    runs: list[_Run] = []
    at, lost = 0, False
    for entity in entities:
        start, length = int(entity.offset), int(entity.length)
        # The limit is that of Telegram Desktop, which counts bytes here.
        if start < at or length <= 0 or start + length > limit or start >= cut.size:
            lost = True
            continue
        runs += _plain_run(cut.take(at, start))
        runs += _plain_run(cut.take(start, start + length), entity)
        at = start + length
    runs += _plain_run(cut.take(at, cut.size))
    return runs, lost


def _plain_run(text: str, entity: Any = None) -> Iterator[_Run]:
    if text:
        yield _Run(text, entity)


class _Cut:
    """A text that is cut at offsets in UTF-16, which is how Telegram counts."""

    def __init__(self, text: str) -> None:
        self._text = text
        wide = not text.isascii() and max(text) > "\uffff"
        self._units = text.encode("utf-16-le", "surrogatepass") if wide else None
        self.size = len(text) if self._units is None else len(self._units) // 2

    def take(self, start: int, stop: int) -> str:
        """Give a part; one that would begin or end inside a character begins or ends before it."""
        if self._units is None:
            return self._text[start:stop]
        first, last = self._whole(start), self._whole(stop)
        return self._units[2 * first : 2 * last].decode("utf-16-le", "surrogatepass")

    def _whole(self, at: int) -> int:
        assert self._units is not None
        inside = (
            0 < at < self.size and 0xDC <= self._units[2 * at + 1] <= 0xDF and 0xD8 <= self._units[2 * at - 1] <= 0xDB
        )
        return at - 1 if inside else at
