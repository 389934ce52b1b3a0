"""What a source that reads an account gets of the vault: its secrets, a store of its own, and what is there already."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tgvault.archive.entries import ChatEntry
from tgvault.archive.reading import ArchiveReader
from tgvault.archive.segments import Content, Media
from tgvault.contracts.context import Held, Secrets, SourceProgress, SourceStore
from tgvault.contracts.source import Attached, Source
from tgvault.crypto.keyed import BlobId
from tgvault.engine.ingesting import decode_content, encode_content
from tgvault.engine.secrets import SealedSecrets
from tgvault.engine.start import losses
from tgvault.errors import VaultError
from tgvault.model.records import ChatKey
from tgvault.state.database import Database, Form
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.manifests import short_id
from tgvault.vault.opened import Snapshot, Vault

__all__ = ["Attachment", "StorePlace", "attach", "attach_worker", "store_place"]


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where a source's store lies, and the key that opens it (64 hexadecimal digits)."""

    path: Path
    key: str = field(repr=False)

    def store(self, schema: str, *, version: int) -> Database:
        """Open it, or make it."""
        return Database.open(self.path, key=self.key, form=Form(schema, version))


def store_place(folder: Path, keys: KeyBundle, *, source: str, archive: str) -> StorePlace:
    """Name the store of a source that reads for an archive; its name on the disk says nothing."""
    name = keys.id_key.mac("source store", f"{archive}\0{source}".encode()).hex()[:16]
    return StorePlace(folder / f"{keys.vault_id}.{name}.db", keys.id_key.state_key())


def attach(source: Source, context: Attachment) -> None:
    """Give a source what it may use, if it has a use for that."""
    if isinstance(source, Attached):
        source.attach(context)


def attach_worker(source: Source, place: StorePlace | None) -> None:
    """Give a source in a worker process its store, and nothing else."""
    if place is not None and isinstance(source, Attached):
        source.attach_worker(place)


class Attachment:
    """The context of one run; see `SourceContext`. `line` has the archive's snapshots, newest first."""

    def __init__(
        self,
        vault: Vault,
        folder: Path,
        *,
        source: str,
        archive: str,
        line: Sequence[Snapshot],
        progress: SourceProgress,
        now: Callable[[], datetime],
    ) -> None:
        self._vault = vault
        self._name = source
        self._folder = folder
        self._now = now
        self._line = line
        self._progress = progress
        self._secrets = SealedSecrets(folder, vault.keys, source)
        self.place = store_place(folder, vault.keys, source=source, archive=archive)
        self._reader = ArchiveReader(line[0].manifest, vault.reader) if line else None
        self._entry: tuple[ChatKey, ChatEntry | None] | None = None
        self._media: dict[tuple[ChatKey, int], Mapping[str, Media]] = {}
        self._stores: list[Database] = []

    @property
    def name(self) -> str:
        """The source's name."""
        return self._name

    @property
    def secrets(self) -> Secrets:
        """The source's secrets."""
        return self._secrets

    @property
    def progress(self) -> SourceProgress:
        """Who is told of progress."""
        return self._progress

    @property
    def newest(self) -> str | None:
        """The id of the archive's newest snapshot."""
        return short_id(self._line[0].name) if self._line else None

    def has_snapshot(self, name: str) -> bool:
        """Tell whether a snapshot is one that the run continues."""
        return any(short_id(each.name) == name for each in self._line)

    @property
    def losses(self) -> int:
        """How often packs of the vault were lost so far."""
        return losses(self._vault.memory)

    def store(self, schema: str, *, version: int) -> SourceStore:
        """Open the source's database."""
        database = self.place.store(schema, version=version)
        self._stores.append(database)
        return database

    def knows(self, stamp: bytes) -> bool:
        """Tell whether the vault has the content of a file with that stamp."""
        found = self._vault.files.by_stamp(stamp)
        return found is not None and self._has(decode_content(found[1]))

    def held(self, chat: ChatKey, first: int, last: int) -> Mapping[int, Held]:
        """Give the messages of a chat that have files in the archive."""
        self._media.clear()
        try:
            return self._held(chat, first, last)
        except VaultError:
            # It only spares a download; `verify` names the damage.
            return {}

    def adopt(self, stamp: bytes, *, chat: ChatKey, message: int, field: str) -> bool:
        """Take the content of a field of a message that `held` gave last for that of a file with that stamp."""
        media = self._media.get((chat, message), {}).get(field)
        content = media.content if media is not None else None
        if content is None or not self._has_whole(content):
            return False
        self._vault.files.remember([(stamp, content.size, encode_content(content))], run=0)
        return True

    def now(self) -> datetime:
        """The time."""
        return self._now()

    def free_space(self) -> int:
        """Bytes that are free where the local state lies."""
        return shutil.disk_usage(self._folder).free

    def close(self) -> None:
        """Close the stores that the source opened."""
        for database in self._stores:
            database.close()
        self._stores.clear()

    def _held(self, chat: ChatKey, first: int, last: int) -> dict[int, Held]:
        entry = self._chat(chat)
        if entry is None or entry.keyed != "id" or self._reader is None:
            return {}
        found = {}
        for message in self._reader.messages(entry, first=first, last=last):
            sizes = {name: media.size for name, media in message.media.items() if media.content and media.size}
            if sizes and message.gone is None:
                found[message.id] = Held(message.body, sizes)
                self._media[chat, message.id] = message.media
        return found

    def _chat(self, key: ChatKey) -> ChatEntry | None:
        if self._entry is None or self._entry[0] != key:
            self._entry = (key, self._reader.chat(key) if self._reader is not None else None)
        return self._entry[1]

    def _has(self, content: Content) -> bool:
        return self._vault.places.has(bytes.fromhex(content.blob or content.pieces or ""))

    def _has_whole(self, content: Content) -> bool:
        """Tell whether every piece is there; what was read of files before a pack was lost is forgotten by then."""
        if content.pieces is None or not self._has(content):
            return self._has(content)
        try:
            listing = self._vault.reader.load(BlobId(bytes.fromhex(content.pieces)))
        except VaultError:
            return False
        return all(self._vault.places.has(bytes.fromhex(line.decode("ascii"))) for line in listing.split())
