"""Uniting what a run saw of a chat with what the archive has of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from tgvault.archive.comparing import compare, fill_missing
from tgvault.archive.cuts import Cuts, Key
from tgvault.archive.entries import ChatEntry, Gone, Past, Seen, Version, entry_line, entry_lines, parse_history
from tgvault.archive.lists import BlobSource, BlobStore, Line, Ref, Splice, build, leaves, read_leaf, regions, update
from tgvault.archive.segments import Stored, message_line, parse_segment, parse_stored
from tgvault.errors import AccountMismatchError
from tgvault.model.policy import Policy
from tgvault.vault.manifests import Node

__all__ = ["ChatMerge", "ChatNumbers", "Observation"]


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run saw of one chat.

    `at` is when Telegram showed it (UTC, ISO 8601), `covered` the id ranges that were seen completely, `dropped` the
    ids that a transform took out: they are neither new nor gone.
    """

    refs: Sequence[Ref]
    at: str
    covered: Sequence[tuple[int, int]] = ()
    dropped: frozenset[int] = frozenset()


@dataclass(slots=True)
class ChatNumbers:
    """What a merge did to a chat: numbers of messages."""

    new: int = 0
    edited: int = 0
    updated: int = 0
    gone: int = 0
    back: int = 0
    filled: int = 0


@dataclass(slots=True)
class _Group:
    """Leaves of both sides whose id ranges touch."""

    old: list[Ref] = field(default_factory=list)
    new: list[Ref] = field(default_factory=list)


class ChatMerge:
    """Merges one observation into one chat; used once."""

    def __init__(
        self,
        entry: ChatEntry,
        *,
        source: BlobSource,
        store: BlobStore,
        segment_cuts: Cuts,
        row_cuts: Cuts,
        policy: Policy,
    ) -> None:
        self._entry = entry
        self._source = source
        self._store = store
        self._cuts = segment_cuts
        self._row_cuts = row_cuts
        self._policy = policy
        self._loaded: dict[int, Past] = {}
        self._changes: dict[int, Past | None] = {}
        self._compared = 0
        self._other_dates: list[int] = []
        self.numbers = ChatNumbers()

    def merge(self, seen: Observation, *, last_seen: Sequence[Ref] = ()) -> ChatEntry:
        """Give the chat as it is after the observation.

        `last_seen` are the leaves of the observation before: where they are equal to the new ones, so is the outcome
        of the merge, and nothing has to be read.

        Raises:
            AccountMismatchError: the ids stand for other messages than in the archive.
        """
        splice = Splice(source=self._source, store=self._store, cuts=self._cuts, parse=parse_segment)
        known = {(ref.first, ref.blob) for ref in last_seen}
        for group in _groups(self._old_regions(), list(regions(seen.refs, self._cuts))):
            if _same(group) or self._is_merged_already(group, known, seen):
                splice.keep(group.old)
            elif not group.old and not self._may_be_gone(group.new, seen):
                self.numbers.new += sum(ref.count for ref in group.new)
                splice.keep(group.new)
            elif not group.new and not _touches(group.old, seen.covered):
                splice.keep(group.old)
            else:
                splice.replace(self._merged(splice, group, seen))
        self._check_dates()
        return self._entry_after(seen, splice.refs())

    def _old_regions(self) -> list[list[Ref]]:
        return list(regions(leaves(self._entry.messages, self._source), self._cuts))

    def _is_merged_already(self, group: _Group, known: set[tuple[Key, str]], seen: Observation) -> bool:
        if not (group.old and group.new) or not all((ref.first, ref.blob) in known for ref in group.new):
            return False
        return not _touches(group.old, [row for row in seen.covered if not _within(row, self._entry.coverage)])

    def _may_be_gone(self, new: list[Ref], seen: Observation) -> bool:
        """Whether the archive knows more of these ids than their absence says."""
        if self._entry.history is not None:
            return True
        return _touches(new, [(row.first, row.last) for row in self._entry.coverage if row.at > seen.at])

    def _merged(self, splice: Splice, group: _Group, seen: Observation) -> list[Line]:
        old = {line.key: line for line in splice.lines(group.old)}
        new = {line.key: line for line in splice.lines(group.new)}
        self._load_past({_id(key) for key in new.keys() - old.keys()})
        out = []
        for key in sorted(old.keys() | new.keys()):
            line = self._one(old.get(key), new.get(key), seen)
            if line is not None:
                out.append(line)
        return out

    def _one(self, old: Line | None, new: Line | None, seen: Observation) -> Line | None:
        if old is None:
            assert new is not None
            return self._arrived(new, seen)
        if new is None:
            return self._absent(old, seen)
        if old.data == new.data:
            return old
        return self._both(parse_stored(old), parse_stored(new), seen)

    def _arrived(self, new: Line, seen: Observation) -> Line | None:
        number = _id(new.key)
        past = self._known_past(number)
        if past is not None and past.gone is not None:
            return self._arrived_after_gone(new, past, past.gone, seen)
        missed = [row.at for row in self._entry.coverage if row.first <= number <= row.last and row.at > seen.at]
        if not missed:
            self.numbers.new += 1
            return new
        # An older observation has what a newer one, complete here, had no more.
        self._bury(parse_stored(new), past, Gone(seen.at, min(missed)))
        return None

    def _arrived_after_gone(self, new: Line, past: Past, gone: Gone, seen: Observation) -> Line | None:
        if seen.at >= gone.missed:
            self.numbers.back += 1
            self._changes[past.id] = Past(past.id, None, past.versions)
            return new
        stored = parse_stored(new)
        if not _has(past, stored.body):
            versions = _sorted(*past.versions, _version(stored, seen.at))
            self._changes[past.id] = Past(past.id, Gone(max(gone.seen, seen.at), gone.missed), versions)
        return None

    def _absent(self, old: Line, seen: Observation) -> Line | None:
        number = _id(old.key)
        if number in seen.dropped or not any(first <= number <= last for first, last in seen.covered):
            return old
        last_seen = self._seen_at(number)
        if last_seen > seen.at:
            return old
        if self._policy is Policy.MIRROR:
            self.numbers.gone += 1
            self._changes[number] = None
            return None
        self._bury(parse_stored(old), self._known_past(number), Gone(last_seen, seen.at))
        return None

    def _both(self, old: Stored, new: Stored, seen: Observation) -> Line:
        found = compare(old, new)
        self._compared += 1
        if not found.same_date:
            self._other_dates.append(old.id)
        old_at = self._seen_at(old.id)
        old_is_newer = found.edit_order > 0 or (found.edit_order == 0 and old_at > seen.at)
        newer, older, older_at = (old, new, seen.at) if old_is_newer else (new, old, old_at)
        if found.edited:
            self._note_version(older, older_at)
        elif newer is new:
            self.numbers.updated += 1
        filled = fill_missing(newer, older)
        if filled is None:
            return message_line(newer.id, newer.body, newer.media)
        self.numbers.filled += 1
        return message_line(newer.id, newer.body, filled)

    def _note_version(self, older: Stored, at: str) -> None:
        past = self._known_past(older.id) or Past(older.id, None, ())
        if not _has(past, older.body):
            self._changes[older.id] = Past(older.id, past.gone, _sorted(*past.versions, _version(older, at)))
            self.numbers.edited += 1

    def _bury(self, stored: Stored, past: Past | None, gone: Gone) -> None:
        versions = past.versions if past is not None else ()
        self._changes[stored.id] = Past(stored.id, gone, (*versions, _version(stored, gone.seen)))
        self.numbers.gone += 1

    def _seen_at(self, number: int) -> str:
        """When the archive's text of a message was last observed, as far as is known."""
        return max((row.at for row in self._entry.observed if row.first <= number <= row.last), default="")

    def _known_past(self, number: int) -> Past | None:
        if number in self._changes:
            return self._changes[number]
        self._load_past({number})
        return self._loaded.get(number)

    def _load_past(self, numbers: set[int]) -> None:
        wanted = numbers - self._loaded.keys()
        if not wanted or self._entry.history is None:
            return
        for ref in leaves(self._entry.history, self._source, first=min(wanted), last=max(wanted)):
            for past in parse_history(read_leaf(ref, self._source)):
                self._loaded.setdefault(past.id, past)

    def _check_dates(self) -> None:
        """Two accounts number the messages of a private chat differently; then nearly every date differs."""
        if self._other_dates and len(self._other_dates) * 2 >= self._compared:
            raise AccountMismatchError(
                f"message {self._other_dates[0]} of chat `{self._entry.title or self._entry.key}` has another date in"
                " the archive: the export seems to be another account's",
                hint="keep it in an archive of its own with `--archive NAME`",
            )

    def _entry_after(self, seen: Observation, refs: list[Ref]) -> ChatEntry:
        entry = self._entry
        messages, history = build(refs, self._store, self._cuts), self._new_history()
        observed, coverage = entry.observed, entry.coverage
        if seen.refs:
            observed = _with(observed, Seen(_id(seen.refs[0].first), _id(seen.refs[-1].last), seen.at))
        for first, last in seen.covered:
            coverage = _with(coverage, Seen(first, last, seen.at))
        if messages == entry.messages and history == entry.history:
            # Nothing but the time of looking may be new, and a line that stays as it is costs nothing.
            observed = observed if _ranges(observed) != _ranges(entry.observed) else entry.observed
            coverage = coverage if _ranges(coverage) != _ranges(entry.coverage) else entry.coverage
        gone = entry.gone + sum(self._gone_change(number) for number in self._changes)
        return msgspec.structs.replace(
            entry, messages=messages, history=history, observed=observed, coverage=coverage, gone=gone
        )

    def _gone_change(self, number: int) -> int:
        before, after = self._loaded.get(number), self._changes[number]
        return int(after is not None and after.gone is not None) - int(before is not None and before.gone is not None)

    def _new_history(self) -> Node | None:
        rows: dict[Key, bytes | None] = {
            number: entry_line(past).data if past else None for number, past in self._changes.items()
        }
        return update(
            self._entry.history,
            rows,
            parse=lambda content: entry_lines(parse_history(content)),
            source=self._source,
            store=self._store,
            cuts=self._row_cuts,
        )


def _groups(old: list[list[Ref]], new: list[list[Ref]]) -> Iterator[_Group]:
    """Pair what lies in the same range of ids; both sides ascend."""
    olds, news = deque(old), deque(new)
    while olds or news:
        group = _Group()
        last = _id(min(side[0][0].first for side in (olds, news) if side))
        while True:
            for side, into in ((olds, group.old), (news, group.new)):
                if side and _id(side[0][0].first) <= last:
                    into.extend(side.popleft())
                    last = max(last, _id(into[-1].last))
                    break
            else:
                break
        yield group


def _id(key: Key) -> int:
    assert isinstance(key, int)
    return key


def _same(group: _Group) -> bool:
    return [ref.blob for ref in group.old] == [ref.blob for ref in group.new]


def _touches(refs: list[Ref], ranges: Sequence[tuple[int, int]]) -> bool:
    return bool(refs) and any(_id(refs[0].first) <= last and first <= _id(refs[-1].last) for first, last in ranges)


def _within(row: tuple[int, int], coverage: Sequence[Seen]) -> bool:
    return any(seen.first <= row[0] and row[1] <= seen.last for seen in coverage)


def _ranges(rows: Sequence[Seen]) -> list[tuple[int, int]]:
    return sorted((row.first, row.last) for row in rows)


def _with(rows: Sequence[Seen], row: Seen) -> tuple[Seen, ...]:
    """Add a range; rows that a newer one contains say nothing any more."""
    if any(each.first <= row.first and row.last <= each.last and each.at >= row.at for each in rows):
        return tuple(rows)
    rest = [each for each in rows if not (row.first <= each.first and each.last <= row.last and each.at <= row.at)]
    return (*rest, row)


def _has(past: Past, body: bytes) -> bool:
    return any(bytes(version.body) == body for version in past.versions)


def _version(stored: Stored, at: str) -> Version:
    return Version(at, msgspec.Raw(stored.body), stored.media)


def _sorted(*versions: Version) -> tuple[Version, ...]:
    return tuple(sorted(versions, key=lambda version: version.seen))
