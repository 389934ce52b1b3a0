"""Looking for what could be wrong, from the configuration to the vault's objects; stops at nothing, writes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import apsw
import msgspec
from msgspec import Meta

from tgvault.config.check import check
from tgvault.config.config import Config
from tgvault.contracts.sink import Sink, StoredObject
from tgvault.engine.amounts import count, size
from tgvault.engine.machine_checks import (
    Check,
    check_clock,
    check_folder,
    check_keyring,
    check_private,
    check_space,
    failed,
)
from tgvault.engine.opening import state_database, state_folder, unlock_vault
from tgvault.engine.sink_checks import check_copy, look_at_sink
from tgvault.engine.source_checks import look_at_source
from tgvault.engine.status import Leftover, find_leftover
from tgvault.errors import TgVaultError
from tgvault.folders.sink import FolderSink
from tgvault.host.host import Host
from tgvault.keys.oskeyring import Backend, system_backend
from tgvault.keys.sources import KEY_FILE_VARIABLE, KeyPlaces
from tgvault.keys.unlock import Unlocked
from tgvault.state.database import Database
from tgvault.vault.header import VaultHeader, read_header
from tgvault.vault.manifests import manifest_names
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.slot_checks import check_slots
from tgvault.vault.slots import Slot, SlotKind, list_slots

__all__ = ["Check", "Diagnosis", "Surroundings", "doctor", "free_bytes"]

_CREDENTIALS = "CREDENTIALS_DIRECTORY"


class Diagnosis(msgspec.Struct, frozen=True):
    """Everything that was looked at."""

    ok: Annotated[bool, Meta(description="Whether all is as it should be.")]
    checks: Annotated[list[Check], Meta(description="One by one.")]

    @classmethod
    def of(cls, checks: Sequence[Check]) -> Diagnosis:
        """Sum up."""
        return cls(all(each.ok for each in checks), list(checks))


def free_bytes(folder: Path) -> int:
    """Give the bytes that are free where a folder lies."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What `doctor` looks at: how the configuration is found, how plugins are (without a configuration as well), where
    the command line says that the key is, and this machine."""

    configuration: Callable[[], Config]
    host: Callable[[Config | None], Host]
    environment: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    given: KeyPlaces = field(default_factory=KeyPlaces)
    passphrase: str | None = field(default=None, repr=False)
    free: Callable[[Path], int] = free_bytes
    backend: Callable[[], Backend] = system_backend


def doctor(around: Surroundings) -> Iterator[Check]:
    """Look at everything, one thing after another; what rests on something that is broken is left out.

    Nothing is written to the vault. The local state is opened as every command opens it.
    """
    config = yield from _step("configuration", around.configuration, lambda found: f"`{found.file}`")
    host = around.host(config)
    yield from _plugins(host)
    yield check_keyring(around.backend, needed=_needs_keyring(around, config))
    if config is None:
        return
    look = partial(look_at_sink, config.sink, config, host=host, environment=around.environment)
    found = yield from _step("sink", look, lambda found: found.words)
    if found is not None:
        with closing(found.sink) as sink:
            yield from _vault(_Case(around, config, host, sink))
    for copy in config.copies.values():
        yield check_copy(copy, config, host=host, environment=around.environment)


@dataclass(frozen=True, slots=True)
class _Case:
    """A sink that could be made, and what it was made from."""

    around: Surroundings
    config: Config
    host: Host
    sink: Sink


_Found = TypeVar("_Found")


def _step(
    name: str, work: Callable[[], _Found], words: Callable[[_Found], str]
) -> Generator[Check, None, _Found | None]:
    """Try something and tell of it; gives what it gave, or None when it failed."""
    try:
        found = work()
    except (TgVaultError, OSError, apsw.Error) as error:
        yield failed(name, error)
        return None
    yield Check(name=name, ok=True, detail=words(found))
    return found


def _plugins(host: Host) -> Iterator[Check]:
    host.load_all()
    problems = host.problems()
    if not problems:
        yield Check(name="plugins", ok=True, detail=", ".join(f"`{each.name}`" for each in host.listed()))
    for each in problems:
        hint = f"update or remove `{each.distribution}`; `tgvault plugin list` shows all"
        yield Check(name="plugins", ok=False, detail=f"`{each.name}`: {each.error}", hint=hint)


def _needs_keyring(around: Surroundings, config: Config | None) -> bool:
    said = around.given != KeyPlaces() or around.passphrase is not None
    said = said or any(around.environment.get(name) for name in (KEY_FILE_VARIABLE, _CREDENTIALS))
    if said or config is None:
        return False
    return config.key.keyring is not False and config.key.file is None and config.key.command is None


def _vault(case: _Case) -> Iterator[Check]:
    yield from _folders(case)
    stored = yield from _step("objects", lambda: list(case.sink.list("")), _count)
    if stored is None:
        return
    header = yield from _step("vault.json", lambda: read_header(case.sink), lambda found: f"vault `{found.vault_id}`")
    if header is None:
        return
    yield from _identity(case.config, header)
    if case.config.vault.id not in (None, header.vault_id):
        return
    yield check_clock(case.around.now(), made=header.created, snapshots=manifest_names(case.sink))
    slots = yield from _step("slots", lambda: list_slots(case.sink), _name_slots)
    yield from _advice(slots or ())
    unlocked = yield from _unlock(case)
    if unlocked is not None:
        yield from _slots(case.sink, unlocked)
        yield from _contents(case, unlocked, stored)


def _folders(case: _Case) -> Iterator[Check]:
    """Look at the folder that the sink's settings name, where the sink keeps a vault in one on this machine."""
    if not isinstance(case.sink, FolderSink):
        return
    settings = check(case.config.sink.settings, case.host.sink(case.config.sink.type).config)
    for name in settings.__struct_fields__:
        folder = getattr(settings, name)
        if isinstance(folder, Path):
            found = check_folder("vault folder", folder)
            yield found
            if found.ok:
                yield check_space(folder, free=case.around.free)


def _count(stored: Sequence[StoredObject]) -> str:
    return f"{len(stored):,} in the sink, {size(sum(each.size for each in stored))}"


def _identity(config: Config, header: VaultHeader) -> Iterator[Check]:
    if config.vault.id is not None and config.vault.id != header.vault_id:
        yield Check(
            name="vault",
            ok=False,
            detail=f"`{config.file}` names the vault `{config.vault.id}`, and there is another at that place",
            hint="see whether the right disk is mounted, and whether `[sink]` leads to the right place",
        )
    elif config.vault.fingerprint is None:
        yield Check(
            name="vault",
            ok=True,
            detail="its fingerprint is not in the configuration, so another vault in its place would not be noticed",
            hint="write the fingerprint that `tgvault status` shows into `[vault]`, once it is equal to the kit's",
        )


def _name_slots(slots: Sequence[Slot]) -> str:
    return ", ".join(f"`{slot.name}` ({slot.kind})" for slot in slots) or "none"


def _advice(slots: Sequence[Slot]) -> Iterator[Check]:
    good = [slot for slot in slots if slot.kind is not SlotKind.UNKNOWN]
    if len(good) == 1:
        yield Check(
            name="slots",
            ok=True,
            detail="there is one key only: if it is lost, so is everything",
            hint="make a recovery kit: `tgvault key export --kit FILE`",
        )


def _unlock(case: _Case) -> Generator[Check, None, Unlocked | None]:
    notices: list[str] = []
    around = case.around
    unlocked = yield from _step(
        "key",
        lambda: unlock_vault(
            case.config,
            case.sink,
            given=around.given,
            environment=around.environment,
            notice=notices.append,
            passphrase=around.passphrase,
        ),
        lambda found: f"opens slot `{found.slot}`",
    )
    for line in notices:
        yield Check(name="key", ok=False, detail=line)
    return unlocked


def _slots(sink: Sink, unlocked: Unlocked) -> Iterator[Check]:
    try:
        wrong = check_slots(sink, unlocked.header, unlocked.bundle)
    except (TgVaultError, OSError) as error:
        yield failed("slots", error)
        return
    yield from (failed("slots", each) for _, each in wrong)


def _contents(case: _Case, unlocked: Unlocked, stored: Sequence[StoredObject]) -> Iterator[Check]:
    folder = state_folder(case.config, unlocked.bundle.vault_id)
    private = check_private("state folder", folder)
    yield private
    yield check_space(folder, free=case.around.free)
    database = None
    if private.ok or os.access(folder, os.W_OK):
        key = unlocked.bundle.id_key.state_key()
        path = state_database(folder, unlocked.bundle.vault_id)
        database = yield from _step(
            "local state", lambda: Database.open(path, key=key), lambda found: f"`{found.path}`"
        )
    with closing(database or Database.in_memory()) as usable:
        vault = Vault(case.sink, unlocked.bundle, usable)
        yield from _read(vault, stored)
        for table in case.config.sources.values():
            look = partial(look_at_source, table, vault, folder, host=case.host, now=case.around.now)
            yield from _step(f"source {table.name}", look, str)


def _read(vault: Vault, stored: Sequence[StoredObject]) -> Iterator[Check]:
    yield from _step("snapshots", vault.sync, _count_snapshots)
    for error in vault.bad_manifests:
        yield failed("snapshots", error)
    yield from (failed("index", error) for error in vault.bad_indexes)
    if not vault.bad_indexes:
        packs, _, blobs = vault.places.totals()
        yield Check(
            name="index", ok=True, detail=f"lists {count(packs, 'pack')} with {count(blobs, 'piece')} of content"
        )
    yield from _leftover(find_leftover(vault, stored), is_whole=not vault.bad_indexes)


def _leftover(left: Leftover, *, is_whole: bool) -> Iterator[Check]:
    """Tell of packs that no index object lists; where the index is whole, no snapshot needs them."""
    if not left.packs:
        return
    told = f"{count(left.packs, 'pack')} ({size(left.bytes)}) in no index object"
    if is_whole:
        why, rest = "what a run had packed that was stopped, or that is going on", "take up room and do no harm"
    else:
        why, rest = "snapshots may need them", "are checked by `tgvault verify`"
    taken = f"the next backup on this machine takes over {left.usable:,} of them" if left.usable else ""
    others = f"{'the others' if left.usable else 'they'} {rest}" if left.usable < left.packs else ""
    hint = "; ".join(filter(None, (taken, others)))
    yield Check(name="leftover packs", ok=True, detail=f"{told}: {why}", hint=hint)


def _count_snapshots(snapshots: Sequence[Snapshot]) -> str:
    archives = {each.manifest.archive for each in snapshots}
    return f"{len(snapshots):,} in {count(len(archives), 'archive')}" if snapshots else "none yet"
