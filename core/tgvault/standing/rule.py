"""The rule 3-2-1: three copies, on two media, one of them in another place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.config.config import PRIMARY
from tgvault.standing.sinks import SinkState, SinkStatus

__all__ = ["Rule", "counts", "look_at_rule"]

COPIES, MEDIA = 3, 2

_ADD = "`tgvault sink add NAME TYPE`"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Whether there are three copies, on two media, one of them offsite. Telegram counts as none of them."""

    met: Annotated[bool, Meta(description="Whether all of it is so.")]
    copies: Annotated[list[str], Meta(description="The places that count, by name; three are wanted.")]
    media: Annotated[list[str], Meta(description="What they lie on; two are wanted.")]
    offsite: Annotated[list[str], Meta(description="Those of them that are in another place; one is wanted.")]
    lacking: Annotated[list[str], Meta(description="What is lacking, a sentence each, and how to get there.")]


def look_at_rule(sinks: Sequence[SinkStatus]) -> Rule:
    """See whether the places of a vault, its own first, keep the rule."""
    good = [each for each in sinks if counts(each)]
    media = sorted({each.medium for each in good if each.medium is not None})
    offsite = [each.name for each in good if each.offsite]
    other = [each for each in sinks if not counts(each)]
    lacking = [*_copies(good, other), *_media(media, other), *_offsite(offsite, other)]
    return Rule(met=not lacking, copies=[each.name for each in good], media=media, offsite=offsite, lacking=lacking)


def counts(sink: SinkStatus) -> bool:
    """Tell whether a place counts as a copy: it has snapshots, or had them when it was last seen."""
    match sink.state:
        case SinkState.WHOLE:
            return True
        case SinkState.BEHIND:
            return bool(sink.snapshots)
        case SinkState.WAITING | SinkState.AWAY | SinkState.SILENT:
            return sink.synced is not None
        case _:
            return False


def _copies(good: Sequence[SinkStatus], other: Sequence[SinkStatus]) -> list[str]:
    if len(good) >= COPIES:
        return []
    found = f"only {len(good)} of {COPIES} copies"
    if len(good) + len(other) >= COPIES:
        way = "; `tgvault sync` fills a copy" if any(each.name != PRIMARY for each in other) else ""
        return [f"{found}: {_not_yet(other)}{way}"]
    return [f"{found}: add one with {_ADD}"]


def _media(media: Sequence[str], other: Sequence[SinkStatus]) -> list[str]:
    if len(media) >= MEDIA:
        return []
    on = f" ({media[0]})" if media else ""
    found = f"only {len(media)} of {MEDIA} media{on}"
    if would_do := [each for each in other if each.medium is not None and each.medium not in media]:
        return [f"{found}: {_not_yet(would_do)}"]
    return [f"{found}: add a copy on another one with {_ADD}, or say `medium` where the table of one does not tell it"]


def _offsite(offsite: Sequence[str], other: Sequence[SinkStatus]) -> list[str]:
    if offsite:
        return []
    found = "no copy in another place"
    if would_do := [each for each in other if each.offsite]:
        return [f"{found}: {_not_yet(would_do)}"]
    return [f"{found}: add one in a cloud or on a server with {_ADD}, or say `offsite = true` of one kept elsewhere"]


def _not_yet(sinks: Sequence[SinkStatus]) -> str:
    return f"{', '.join(f'`{each.name}`' for each in sinks)} cannot be counted on as yet, see there"
