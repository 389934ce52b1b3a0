"""Messages as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tgvault.cli.output import Output
from tgvault.cli.safe import safe_line, safe_text
from tgvault.cli.text import count, local_time, size
from tgvault.engine.shown import ShownMedia, ShownMessage
from tgvault.engine.wording import Words, in_words

__all__ = ["indented", "message_lines", "show_messages", "text_of"]


def show_messages(messages: list[ShownMessage], output: Output) -> None:
    """Write messages one after another, an empty line between two."""
    for number, each in enumerate(messages):
        if number:
            output.line()
        for line in message_lines(each):
            output.line(line)


def message_lines(message: ShownMessage) -> Iterator[str]:
    """Give a message: who and when, what became of it, its text, and its files."""
    yield f"{_head(message, in_words(bytes(message.body)))}{_fate(message)}"
    yield from indented(bytes(message.body), message.media)


def indented(body: bytes, media: Iterable[ShownMedia]) -> Iterator[str]:
    """Give what a body says and the files that belong to it, indented."""
    words = in_words(body)
    files = list(media)
    yield from (f"    {line}" for line in safe_text(words.text).splitlines())
    if words.attached is not None and not files:
        yield f"    [{safe_line(words.attached)}]"
    yield from (f"    [{_media(each, words)}]" for each in files)


def text_of(message: ShownMessage) -> str:
    """Give what a message says in one line."""
    words = in_words(bytes(message.body))
    parts = (words.text, f"[{words.attached}]" if words.attached else "")
    return " ".join(safe_line(" ".join(part.split())) for part in parts if part)


def _head(message: ShownMessage, words: Words) -> str:
    when = local_time(message.time) if message.time is not None else "no date"
    sender = f"  {safe_line(words.sender)}" if words.sender else ""
    forwarded = f", forwarded from {safe_line(words.forwarded_from)}" if words.forwarded_from else ""
    reply = f", in reply to #{words.reply_to}" if words.reply_to is not None else ""
    return f"#{message.id}  {when}{sender}{forwarded}{reply}"


def _fate(message: ShownMessage) -> str:
    gone = f"  (gone: last seen {local_time(message.gone.seen)})" if message.gone is not None else ""
    return gone + (f"  ({count(message.versions, 'earlier text')})" if message.versions else "")


def _media(media: ShownMedia, words: Words) -> str:
    what = words.attached if words.attached is not None and media.field in {"photo", "file"} else media.field
    if media.size is None:
        return f"{safe_line(what)}: not there, {safe_line(media.missing or '')}"
    filled = ", from another export" if media.filled else ""
    return f"{safe_line(what)}: {safe_line(media.path or '')}, {size(media.size)}{filled}"
