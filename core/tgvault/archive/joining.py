"""Uniting two states of one chat that came about side by side, on two machines."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tgvault.archive.cuts import Cuts
from tgvault.archive.entries import ChatEntry, Gone, Past, Seen, Version, parse_history
from tgvault.archive.grouping import number_of
from tgvault.archive.lists import BlobSource, BlobStore, leaves, read_leaf
from tgvault.archive.merging import ChatMerge, Observation
from tgvault.archive.pasts import Pasts
from tgvault.archive.positions import merge_positions
from tgvault.archive.ranges import Range, newest, noted
from tgvault.archive.segments import parse_segment, parse_stored
from tgvault.model.policy import Policy

__all__ = ["join_chats"]


def join_chats(
    mine: ChatEntry, other: ChatEntry, *, source: BlobSource, store: BlobStore, segment_cuts: Cuts, row_cuts: Cuts
) -> ChatEntry:
    """Give a chat with all messages and all earlier texts of both; both are known by ids, or both by positions."""
    refs = list(leaves(other.messages, source))
    if mine.keyed == "position":
        messages, _ = merge_positions(mine.messages, refs, source=source, store=store, cuts=segment_cuts)
        return msgspec.structs.replace(mine, messages=messages)
    merge = ChatMerge(
        mine, source=source, store=store, segment_cuts=segment_cuts, row_cuts=row_cuts, policy=Policy.KEEP
    )
    at = newest((*other.observed, *other.coverage))
    covered = [(row.first, row.last) for row in other.coverage if row.at == at]
    seen = Observation(refs, at, covered, same_account=True)
    joined = _with_history(merge.merge(seen), other, source=source, store=store, cuts=row_cuts)
    return msgspec.structs.replace(
        joined, coverage=_all(joined.coverage, other.coverage), observed=_all(joined.observed, other.observed)
    )


def _with_history(mine: ChatEntry, other: ChatEntry, *, source: BlobSource, store: BlobStore, cuts: Cuts) -> ChatEntry:
    pasts = Pasts(mine.history, source=source, store=store, cuts=cuts)
    for leaf in leaves(other.history, source):
        ids = Range(number_of(leaf.first), number_of(leaf.last))
        pasts.enter(ids)
        live = _live(mine, ids, source)
        for past in parse_history(read_leaf(leaf, source)):
            before = pasts.find(past.id)
            gone = None if past.id in live else _gone(before, past)
            pasts.put(past.id, gone, _versions(before, past, but=live.get(past.id)))
    return msgspec.structs.replace(mine, history=pasts.build(), gone=mine.gone + pasts.gone)


def _live(entry: ChatEntry, ids: Range, source: BlobSource) -> dict[int, bytes]:
    refs = leaves(entry.messages, source, first=ids.first, last=ids.last)
    lines = (line for ref in refs for line in parse_segment(read_leaf(ref, source)))
    return {number_of(line.key): parse_stored(line).body for line in lines}


def _gone(one: Past | None, other: Past) -> Gone | None:
    if one is None or one.gone is None or other.gone is None:
        return other.gone if one is None or one.gone is None else one.gone
    return Gone(max(one.gone.seen, other.gone.seen), max(one.gone.missed, other.gone.missed))


def _versions(one: Past | None, other: Past, *, but: bytes | None) -> tuple[Version, ...]:
    mine = one.versions if one is not None else ()
    texts = {bytes(version.body) for version in mine} | {but}
    new = (version for version in other.versions if bytes(version.body) not in texts)
    return tuple(sorted((*mine, *new), key=lambda version: version.seen))


def _all(rows: tuple[Seen, ...], others: Iterable[Seen]) -> tuple[Seen, ...]:
    for row in others:
        rows = noted(rows, row)
    return rows
