"""Uniting what a run saw of a chat with what the archive has of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from tgvault.archive.beyond import keep_beyond
from tgvault.archive.comparing import compare, fill_missing
from tgvault.archive.cuts import Cuts
from tgvault.archive.entries import ChatEntry, Gone, Past, Seen, Version
from tgvault.archive.grouping import Group, groups, number_of
from tgvault.archive.lists import BlobSource, BlobStore, Line, Ref, Splice, build, leaves, regions
from tgvault.archive.pasts import Pasts
from tgvault.archive.ranges import Range, covers, holed, newest, noted, runs, seen_at, touches
from tgvault.archive.segments import Media, Stored, message_line, parse_segment, parse_stored
from tgvault.errors import AccountMismatchError
from tgvault.model.policy import Policy

__all__ = ["ChatMerge", "ChatNumbers", "Observation"]


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run saw of one chat.

    `at` is when Telegram showed it (UTC, ISO 8601), `covered` the id ranges that were seen completely, `dropped` the
    ids that a transform took out: they are neither new nor gone. `removed` are ids known to be gone, whatever else was
    seen. With `same_account` it is known that ids stand for the same messages as in the archive.
    """

    refs: Sequence[Ref]
    at: str
    covered: Sequence[tuple[int, int]] = ()
    dropped: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    same_account: bool = False


@dataclass(slots=True)
class ChatNumbers:
    """What a merge did to a chat: numbers of messages."""

    new: int = 0
    edited: int = 0
    updated: int = 0
    gone: int = 0
    back: int = 0
    filled: int = 0


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
        self._policy = policy
        self._pasts = Pasts(entry.history, source=source, store=store, cuts=row_cuts)
        self._compared = 0
        self._other_dates: list[int] = []
        self.numbers = ChatNumbers()

    def merge(self, seen: Observation, *, last: Observation | None = None) -> ChatEntry:
        """Give the chat as it is after the observation.

        `last` is what was merged into the chat last before it: where its leaves are equal to the new ones, so is the
        outcome of the merge, and nothing has to be read.

        Raises:
            AccountMismatchError: the ids stand for other messages than in the archive.
        """
        covered = [*(Range(*each) for each in seen.covered), *runs(seen.removed)]
        known = self._outcome_known(seen, last)
        splice = Splice(source=self._source, store=self._store, cuts=self._cuts, parse=parse_segment)
        for group in groups(self._old_regions(), list(regions(seen.refs, self._cuts))):
            if group.is_same or _is_merged_already(group, known, covered):
                self._compared += sum(ref.count for ref in group.new)
                splice.keep(group.old)
            elif not group.old and not self._may_be_gone(group, seen):
                self.numbers.new += sum(ref.count for ref in group.new)
                splice.keep(group.new)
            elif not group.new and not touches(covered, group.ids):
                splice.keep(group.old)
            else:
                self._merge_group(splice, group, seen, covered)
        if not seen.same_account:
            self._check_dates()
        return self._entry_after(seen, splice.refs())

    def _old_regions(self) -> list[list[Ref]]:
        return list(regions(leaves(self._entry.messages, self._source), self._cuts))

    def _outcome_known(self, seen: Observation, last: Observation | None) -> frozenset[Ref]:
        """Give the leaves that were merged last, if merging them again at this time cannot end otherwise.

        It can if something newer than them was there already: what was then older is now newer.
        """
        if last is None or (seen.at > last.at and newest((*self._entry.observed, *self._entry.coverage)) > last.at):
            return frozenset()
        return frozenset(last.refs)

    def _may_be_gone(self, group: Group, seen: Observation) -> bool:
        """Whether the archive knows more of these ids than their absence says."""
        later = [Range(row.first, row.last) for row in self._entry.coverage if row.at > seen.at]
        return touches(later, group.ids) or self._pasts.touch(group.ids)

    def _merge_group(self, splice: Splice, group: Group, seen: Observation, covered: Sequence[Range]) -> None:
        """Merge region by region: a few edits far apart must not have everything between them read."""
        arrived = deque(splice.lines(group.new))
        olds = list(regions(group.old, self._cuts)) or [[]]
        for old, following in pairwise((*olds, None)):
            stop = number_of(following[0].first) if following else None
            new: list[Line] = []
            while arrived and (stop is None or number_of(arrived[0].key) < stop):
                new.append(arrived.popleft())
            assert old is not None
            ids = _ids(old, new)
            if new or touches(covered, ids):
                splice.replace(self._merged(splice.lines(old), new, ids, seen, covered))
            else:
                splice.keep(old)

    def _merged(
        self, olds: Iterable[Line], news: Iterable[Line], ids: Range, seen: Observation, covered: Sequence[Range]
    ) -> list[Line]:
        old = {line.key: line for line in olds}
        new = {line.key: line for line in news}
        self._pasts.enter(ids)
        out = []
        for key in sorted(old.keys() | new.keys()):
            line = self._one(old.get(key), new.get(key), seen, covered)
            if line is not None:
                out.append(line)
        return out

    def _one(self, old: Line | None, new: Line | None, seen: Observation, covered: Sequence[Range]) -> Line | None:
        if old is None:
            assert new is not None
            return self._arrived(new, seen)
        if new is None:
            return self._absent(old, seen, covered)
        self._compared += 1
        return old if old.data == new.data else self._both(old, new, seen)

    def _arrived(self, new: Line, seen: Observation) -> Line | None:
        number = number_of(new.key)
        past = self._pasts.find(number)
        if past is not None and past.gone is not None:
            return self._arrived_after_gone(new, past, past.gone, seen)
        missed = [row.at for row in self._entry.coverage if row.first <= number <= row.last and row.at > seen.at]
        if not missed:
            self.numbers.new += 1
            return new
        # An older observation has what a newer one, complete here, had no more.
        if self._policy is Policy.KEEP:
            self._bury(parse_stored(new), Gone(seen.at, min(missed)))
        return None

    def _arrived_after_gone(self, new: Line, past: Past, gone: Gone, seen: Observation) -> Line | None:
        stored = parse_stored(new)
        if seen.at >= gone.missed:
            self.numbers.back += 1
            self._pasts.put(past.id, None, tuple(each for each in past.versions if bytes(each.body) != stored.body))
            return new
        self._pasts.put(past.id, Gone(max(gone.seen, seen.at), gone.missed), _with(past.versions, stored, seen.at))
        return None

    def _absent(self, old: Line, seen: Observation, covered: Sequence[Range]) -> Line | None:
        number = number_of(old.key)
        last_seen = seen_at(self._entry.observed, number)
        if number in seen.dropped or not covers(covered, number):
            return old
        # Somebody who says that it was deleted is right, whatever his clock says.
        if last_seen > seen.at and number not in seen.removed:
            return old
        if self._policy is Policy.KEEP:
            self._bury(parse_stored(old), Gone(last_seen, max(last_seen, seen.at)))
        else:
            self.numbers.gone += 1
            self._pasts.put(number, None, ())
        return None

    def _both(self, old: Line, new: Line, seen: Observation) -> Line:
        one, other = parse_stored(old), parse_stored(new)
        found = compare(one, other)
        if not found.same_date:
            self._other_dates.append(one.id)
        last_seen = seen_at(self._entry.observed, one.id)
        old_is_newer = found.edit_order > 0 or (found.edit_order == 0 and last_seen > seen.at)
        newer, older, older_at = (one, other, seen.at) if old_is_newer else (other, one, last_seen)
        if found.edited:
            self._note_version(older, older_at)
        filled = fill_missing(newer, older)
        whole = newer if found.edited else keep_beyond(newer, older)
        if old_is_newer and filled is None and whole is newer:
            return old
        line = message_line(whole.id, whole.body, whole.media | (filled or {}))
        if not found.edited and line.data != old.data:
            self._count_change(one.media, parse_stored(line).media)
        return line

    def _count_change(self, before: dict[str, Media], after: dict[str, Media]) -> None:
        had = {name for name, media in before.items() if media.content}
        has = {name for name, media in after.items() if media.content}
        if has - had:
            self.numbers.filled += 1
        else:
            self.numbers.updated += 1

    def _note_version(self, older: Stored, at: str) -> None:
        past = self._pasts.find(older.id)
        before = self._pasts.versions(older.id)
        after = _with(before, older, at)
        if after != before:
            self._pasts.put(older.id, past.gone if past is not None else None, after)
            self.numbers.edited += 1

    def _bury(self, stored: Stored, gone: Gone) -> None:
        self.numbers.gone += 1
        self._pasts.put(stored.id, gone, (*self._pasts.versions(stored.id), _version(stored, gone.seen)))

    def _check_dates(self) -> None:
        """Two accounts number the messages of a private chat differently; then nearly every date differs."""
        if self._other_dates and len(self._other_dates) * 2 >= self._compared:
            raise AccountMismatchError(
                f"message {self._other_dates[0]} of chat `{self._entry.title or self._entry.key}` has another date in"
                " the archive: the export seems to be another account's",
                hint='keep it in an archive of its own: `--archive NAME`, or `archive = "NAME"` in the source\'s table',
            )

    def _entry_after(self, seen: Observation, refs: list[Ref]) -> ChatEntry:
        entry = self._entry
        messages, history = build(refs, self._store, self._cuts), self._pasts.build()
        observed, coverage = entry.observed, entry.coverage
        if seen.refs:
            observed = noted(observed, Seen(number_of(seen.refs[0].first), number_of(seen.refs[-1].last), seen.at))
        for first, last in holed((Range(*each) for each in seen.covered), seen.dropped):
            coverage = noted(coverage, Seen(first, last, seen.at))
        if messages == entry.messages and history == entry.history:
            # Nothing but the time of looking may be new, and a line that stays as it is costs nothing.
            observed = observed if _ranges(observed) != _ranges(entry.observed) else entry.observed
            coverage = coverage if _ranges(coverage) != _ranges(entry.coverage) else entry.coverage
        return msgspec.structs.replace(
            entry,
            keyed="id",
            messages=messages,
            history=history,
            observed=observed,
            coverage=coverage,
            gone=entry.gone + self._pasts.gone,
        )


def _ids(refs: Sequence[Ref], lines: Sequence[Line]) -> Range:
    """Give the range of the ids of leaves and lines."""
    firsts = [number_of(refs[0].first)] if refs else []
    lasts = [number_of(refs[-1].last)] if refs else []
    numbers = [number_of(line.key) for line in (*lines[:1], *lines[-1:])]
    return Range(min((*firsts, *numbers)), max((*lasts, *numbers)))


def _is_merged_already(group: Group, known: frozenset[Ref], covered: Sequence[Range]) -> bool:
    if not (group.old and group.new) or not known.issuperset(group.new):
        return False
    # All new messages are there; as many on both sides means that no other one is, which could be gone.
    as_many = sum(ref.count for ref in group.old) == sum(ref.count for ref in group.new)
    return as_many or not touches(covered, group.ids)


def _ranges(rows: Sequence[Seen]) -> list[tuple[int, int]]:
    return sorted((row.first, row.last) for row in rows)


def _with(versions: tuple[Version, ...], stored: Stored, at: str) -> tuple[Version, ...]:
    """Add a text to the earlier ones, in the order of time, unless it is there."""
    if any(bytes(version.body) == stored.body for version in versions):
        return versions
    return tuple(sorted((*versions, _version(stored, at)), key=lambda version: version.seen))


def _version(stored: Stored, at: str) -> Version:
    return Version(at, msgspec.Raw(stored.body), stored.media)
