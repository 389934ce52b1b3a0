"""What became of the messages of one chat from one snapshot to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.archive.comparing import compare
from tgvault.archive.differing import differing_leaves, paired
from tgvault.archive.entries import ChatEntry, Past, parse_history
from tgvault.archive.lists import BlobSource, Line, Ref, leaves, less, read_leaf
from tgvault.archive.reading import ReadMessage, gone_message, live_message, segment_lines
from tgvault.archive.segments import Stored
from tgvault.engine.shown import ShownMessage, show_media, show_message
from tgvault.vault.manifests import Node

__all__ = ["ChangeKind", "MessageChange", "changes"]


class ChangeKind(StrEnum):
    """What became of a message. Of several things that are true of it, the first in this order is said."""

    #: The first snapshot does not have it.
    NEW = "new"
    #: The first snapshot has it, and in the second it is gone or not there. Also one that the first snapshot does not
    #: have and the second knows only as gone: an old export had it.
    GONE = "gone"
    #: It was gone and is there again.
    BACK = "back"
    #: Somebody changed what it says.
    EDITED = "edited"
    #: The content of a file came to light that the first snapshot lacks.
    FILLED = "filled"
    #: Something else changed: names, reactions, what another version of the exporter writes.
    UPDATED = "updated"
    #: It is the same, and an earlier text of it came to light.
    FOUND = "found"


class MessageChange(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is not the same in two snapshots."""

    id: Annotated[int, Meta(description="The message's id.")]
    kind: Annotated[ChangeKind, Meta(description="What became of it.")]
    before: Annotated[ShownMessage | None, Meta(description="As the first snapshot has it; null if it has not.")]
    after: Annotated[ShownMessage | None, Meta(description="As the second snapshot has it; null if it has not.")]
    filled: Annotated[
        tuple[str, ...], Meta(description="Members of the body whose files only the second snapshot has.")
    ] = ()


def changes(source: BlobSource, before: ChatEntry | None, after: ChatEntry | None) -> Iterator[MessageChange]:
    """Give the messages of a chat that are not the same in two snapshots, by id.

    None stands for a chat that a snapshot does not have. Segments that both have are not read, so the cost grows with
    the change.

    Raises:
        VaultError: a blob that is needed is missing or damaged.
    """
    segments = differing_leaves(_messages(before), _messages(after), source)
    history = differing_leaves(_history(before), _history(after), source)
    one = _Side(before, segments[0], history[0], source)
    other = _Side(after, segments[1], history[1], source)
    for number, mine, theirs in paired(one.rows(), other.rows(), key=_row_id):
        if mine == theirs:
            continue
        old_line, new_line = _line(mine), _line(theirs)
        if old_line is None and new_line is None:
            # Only the history differs: the message, if it is there, stands in a segment that both have.
            old_line, new_line = one.line(number), other.line(number)
        change = _change(number, one.read(number, old_line), other.read(number, new_line))
        if change is not None:
            yield change


class _Row(msgspec.Struct, frozen=True, gc=False):
    """What leaves say of a message."""

    id: int
    line: Line | None = None
    past: Past | None = None


class _Side:
    """A chat in one of the two snapshots, and its leaves that the other does not have."""

    def __init__(
        self, entry: ChatEntry | None, segments: Sequence[Ref], history: Sequence[Ref], source: BlobSource
    ) -> None:
        self._entry = entry
        self._segments = segments
        self._history = history
        self._source = source
        self._all_lines = _Cursor(_messages(entry), source, self._line_rows)
        self._all_pasts = _Cursor(_history(entry), source, self._past_rows)

    def rows(self) -> Iterator[_Row]:
        """Give what is in these leaves, by id."""
        lines = (row for ref in self._segments for row in self._line_rows(ref))
        pasts = (row for ref in self._history for row in self._past_rows(ref))
        for number, line, past in paired(lines, pasts, key=_row_id):
            yield _Row(number, _line(line), past.past if past is not None else None)

    def line(self, number: int) -> Line | None:
        """Find a message that is there, in whichever segment; the numbers asked for must ascend."""
        return _line(self._all_lines.find(number))

    def read(self, number: int, line: Line | None) -> ReadMessage | None:
        """Give a message whose line is known; None where the snapshot does not have it. The numbers must ascend."""
        found = self._all_pasts.find(number)
        past = found.past if found is not None else None
        if line is not None:
            return live_message(line, past)
        return gone_message(past) if past is not None and past.gone is not None else None

    def _line_rows(self, ref: Ref) -> Iterator[_Row]:
        assert self._entry is not None
        for line in segment_lines(ref, self._entry, self._source):
            assert isinstance(line.key, int)
            yield _Row(line.key, line)

    def _past_rows(self, ref: Ref) -> Iterator[_Row]:
        return (_Row(past.id, None, past) for past in parse_history(read_leaf(ref, self._source)))


class _Cursor:
    """Finds rows of a list by ascending ids, and reads each leaf once at most."""

    def __init__(self, node: Node | None, source: BlobSource, rows: Callable[[Ref], Iterator[_Row]]) -> None:
        self._node = node
        self._source = source
        self._rows = rows
        self._ref: Ref | None = None
        self._found: dict[int, _Row] | None = None

    def find(self, number: int) -> _Row | None:
        """Find a row."""
        if self._ref is None or less(self._ref.last, number):
            # The first leaf that ends at the id or behind it: up to where it begins, there is nothing.
            self._ref, self._found = next(leaves(self._node, self._source, first=number), None), None
        if self._ref is None or less(number, self._ref.first):
            return None
        if self._found is None:
            self._found = {row.id: row for row in self._rows(self._ref)}
        return self._found.get(number)


def _change(number: int, before: ReadMessage | None, after: ReadMessage | None) -> MessageChange | None:
    kind = _kind(before, after)
    if kind is None:
        return None
    return MessageChange(
        id=number,
        kind=kind,
        before=show_message(before) if before is not None else None,
        after=show_message(after) if after is not None else None,
        filled=_filled(before, after) if before is not None and after is not None else (),
    )


def _kind(before: ReadMessage | None, after: ReadMessage | None) -> ChangeKind | None:
    was, is_ = _there(before), _there(after)
    if is_ and not was:
        return ChangeKind.NEW if before is None else ChangeKind.BACK
    if was and not is_:
        return ChangeKind.GONE
    if before is None or after is None:
        # What neither has had, or what is only known to have been there once.
        return ChangeKind.GONE if after is not None else None
    return _kind_of_text(before, after)


def _kind_of_text(before: ReadMessage, after: ReadMessage) -> ChangeKind | None:
    if before.body == after.body and before.media == after.media:
        return ChangeKind.FOUND if _texts(after) - _texts(before) else None
    if compare(_stored(before), _stored(after)).edited:
        return ChangeKind.EDITED
    return ChangeKind.FILLED if _filled(before, after) else ChangeKind.UPDATED


def _there(message: ReadMessage | None) -> bool:
    return message is not None and message.gone is None


def _stored(message: ReadMessage) -> Stored:
    return Stored(message.id, message.body, message.media)


def _texts(message: ReadMessage) -> set[bytes]:
    return {message.body, *(bytes(version.body) for version in message.earlier)}


def _filled(before: ReadMessage, after: ReadMessage) -> tuple[str, ...]:
    lacked = {media.field for media in show_media(before.body, before.media) if media.missing is not None}
    return tuple(field for field, media in after.media.items() if field in lacked and media.content is not None)


def _line(row: _Row | None) -> Line | None:
    return row.line if row is not None else None


def _row_id(row: _Row) -> int:
    return row.id


def _messages(entry: ChatEntry | None) -> Node | None:
    return entry.messages if entry is not None else None


def _history(entry: ChatEntry | None) -> Node | None:
    return entry.history if entry is not None else None
