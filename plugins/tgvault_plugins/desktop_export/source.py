"""The source `desktop-export`: what Telegram Desktop's own export wrote, in any of its forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tgvault.api import (
    Finding,
    HostilePathError,
    MediaFile,
    Message,
    OpenedMedia,
    Record,
    SegmentStarts,
    SourceError,
    SourceInfo,
    Span,
    UnreadableExportError,
    UnrecognisedExportError,
)
from tgvault_plugins.desktop_export.json_export import JsonExport, recognised
from tgvault_plugins.desktop_export.locate import Place, matches, observed, place_of

__all__ = ["DesktopExport", "DesktopExportConfig"]


class DesktopExportConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[sources.…]` table of type `desktop-export`."""

    path: Annotated[
        Path,
        msgspec.Meta(
            description="The export: a folder, a `result.json`, an HTML page or a zip. Of several that match a pattern"
            " (`~/Downloads/DataExport_*`), the newest is taken."
        ),
    ]
    source_tz: Annotated[
        str | None,
        msgspec.Meta(
            description="The time zone of the machine that made the export (`Europe/Vienna`)."
            " Only exports from before 2022 and HTML need it."
        ),
    ] = None
    observed_at: Annotated[
        str | None,
        msgspec.Meta(
            description="When the export was made (`2026-11-23T10:00:00Z`), where neither its folder's name nor its"
            " file's time says so."
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.observed_at is not None:
            datetime.fromisoformat(self.observed_at)


class _Export(Protocol):
    def info(self) -> SourceInfo: ...

    def media(self) -> Iterator[MediaFile]: ...

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]: ...

    def raw(self, span: Span) -> bytes | None: ...

    def expand(self, span: Span) -> Iterator[Message | Finding]: ...

    def open_media(self, name: str) -> OpenedMedia: ...

    def close(self) -> None: ...


class DesktopExport:
    """Reads an export in a folder or a zip, whole account, single chat or topic, JSON or HTML."""

    config: ClassVar[type[msgspec.Struct]] = DesktopExportConfig

    def __init__(self, config: DesktopExportConfig) -> None:
        self._config = config

    def info(self) -> SourceInfo:
        """Recognise the export."""
        return self._export.info()

    def media(self) -> Iterator[MediaFile]:
        """List the export's files."""
        return self._export.media()

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        """Yield everything in the export's own order."""
        return self._export.records(starts)

    def raw(self, span: Span) -> bytes | None:
        """Give the bytes of a span."""
        return self._export.raw(span)

    def expand(self, span: Span) -> Iterator[Message | Finding]:
        """Read the messages of a span."""
        return self._export.expand(span)

    def open_media(self, name: str) -> OpenedMedia:
        """Open a file of the export."""
        return self._export.open_media(name)

    def close(self) -> None:
        """Let go of all files."""
        if "_export" in self.__dict__:
            self._export.close()

    @cached_property
    def _export(self) -> _Export:
        """The newest of the exports that the path means."""
        found: list[tuple[datetime, str, _Export]] = []
        refused: Exception | None = None
        paths = matches(str(self._config.path))
        for path in paths:
            try:
                place = place_of(path)
                when = self._observed(place)
                found.append((when or datetime.fromtimestamp(0, UTC), str(path), self._recognised(place, when)))
            except (UnrecognisedExportError, UnreadableExportError) as exc:
                refused = exc
            except OSError as exc:
                refused = UnreadableExportError(f"`{path}` cannot be read: {exc.strerror or exc}")
        if not found:
            raise refused if len(paths) == 1 and refused else _nothing(str(self._config.path))
        newest = max(found, key=lambda each: each[:2])
        for each in found:
            if each is not newest:
                each[2].close()
        return newest[2]

    def _recognised(self, place: Place, when: datetime | None) -> _Export:
        """The export at a place. Where JSON and HTML lie side by side, JSON counts, since it tells more."""
        unreadable: Exception | None = None
        try:
            if recognised(place.root, place.name):
                return JsonExport(place.root, name=place.name, observed_at=when)
        except FileNotFoundError:
            pass
        except (UnreadableExportError, HostilePathError) as exc:
            unreadable = exc
        # Reading HTML takes a library that no other form needs.
        from tgvault_plugins.desktop_export import html

        if html.recognise(place.root):
            return html.HtmlExport(place.root, source_tz=self._config.source_tz, observed_at=when)
        place.root.close()
        raise unreadable or _nothing(str(place.root.location / place.name))

    def _observed(self, place: Place) -> datetime | None:
        if self._config.observed_at is None:
            return observed(place)
        at = datetime.fromisoformat(self._config.observed_at)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=self._zone()).astimezone(UTC)

    def _zone(self) -> ZoneInfo:
        name = self._config.source_tz or "UTC"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise SourceError(f"`{name}` is no time zone", hint="use a name such as `Europe/Vienna`") from exc


def _nothing(path: str) -> UnrecognisedExportError:
    return UnrecognisedExportError(
        f"`{path}` holds no Telegram Desktop export",
        hint="name the folder that has `result.json`, `messages.html` or `export_results.html` in it",
    )
