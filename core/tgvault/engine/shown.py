"""A message as commands show it: its body, its files, and what has become of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.archive.entries import Gone
from tgvault.archive.reading import ReadMessage
from tgvault.archive.segments import Media
from tgvault.engine.selecting import message_time
from tgvault.engine.snapshot_info import utc
from tgvault.engine.wording import missing_files
from tgvault.model.paths import unfold, unfold_path

__all__ = ["ShownGone", "ShownMedia", "ShownMessage", "show_gone", "show_media", "show_message", "shown_time"]


class ShownGone(msgspec.Struct, frozen=True):
    """Between which two observations a message disappeared from Telegram."""

    seen: Annotated[datetime, Meta(description="When it was last seen, as far as is known.")]
    missed: Annotated[datetime, Meta(description="When it was first found to be gone.")]


class ShownMedia(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a message speaks of."""

    field: Annotated[str, Meta(description="The member of the body that speaks of it; a slash leads into a member.")]
    path: Annotated[str | None, Meta(description="Where the source had it, from the chat's folder.")] = None
    size: Annotated[int | None, Meta(description="Its size in bytes; null where the archive does not have it.")] = None
    missing: Annotated[str | None, Meta(description="Why the archive does not have it; null where it has.")] = None
    filled: Annotated[bool, Meta(description="Whether it comes from another export than the message does.")] = False


class ShownMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message."""

    id: Annotated[
        int, Meta(description="The message's id; its place in the chat, from 1, where the source tells no ids.")
    ]
    time: Annotated[datetime | None, Meta(description="When it was written; null where the source does not tell.")]
    gone: Annotated[ShownGone | None, Meta(description="When it disappeared; null where it has not.")]
    versions: Annotated[int, Meta(description="How many earlier texts of it the archive has.")]
    media: Annotated[tuple[ShownMedia, ...], Meta(description="The files that it speaks of.")]
    body: Annotated[msgspec.Raw, Meta(description="The message in the schema of Telegram Desktop's exports.")]


def show_message(read: ReadMessage, *, folder: str = "") -> ShownMessage:
    """Make a message fit to be shown; paths of the chat's own files start with `folder`, which ends in a slash.

    Raises:
        CorruptObjectError: the body is no JSON object.
    """
    return ShownMessage(
        id=read.id,
        time=shown_time(read.body),
        gone=show_gone(read.gone),
        versions=len({bytes(version.body) for version in read.earlier} - {read.body}),
        media=show_media(read.body, read.media, folder=folder),
        body=msgspec.Raw(unfold(read.body, folder=folder)),
    )


def show_gone(gone: Gone | None) -> ShownGone | None:
    """Make a mark of being gone fit to be shown."""
    return ShownGone(utc(gone.seen), utc(gone.missed)) if gone is not None else None


def show_media(body: bytes, media: dict[str, Media], *, folder: str = "") -> tuple[ShownMedia, ...]:
    """List the files that a body speaks of, those that it says are not there as well."""
    return tuple(_media(body, media, folder))


def shown_time(body: bytes) -> datetime | None:
    """Give the time at which a message was written; None where its body tells none that a calendar has."""
    seconds = message_time(body)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _media(body: bytes, media: dict[str, Media], folder: str) -> Iterator[ShownMedia]:
    for field, each in media.items():
        path = unfold_path(each.path, folder=folder) if each.path is not None else None
        content = each.content
        if content is not None:
            yield ShownMedia(field=field, path=path, size=content.size, filled=each.filled)
        else:
            yield ShownMedia(field=field, path=path, missing=each.missing or "not told")
    for field, reason in missing_files(body).items():
        if field not in media:
            yield ShownMedia(field=field, missing=reason)
