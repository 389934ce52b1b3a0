"""The processes of the storm: machines that back up into one store, one that forgets and prunes, and one that reads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from export_support import Export, Picture, Said, Talk
from restore_support import opened_in
from tgvault.contracts.sink import Sink
from tgvault.engine.opening import OpenedVault
from tgvault.engine.progress import NullProgress
from tgvault.engine.restoring import RestoreOptions, restore
from tgvault.engine.running import RunOptions, back_up, plan_import
from tgvault.errors import SinkUnavailableError, VaultBusyError, VaultError
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, build
from tgvault.model.policy import Policy
from tgvault.retention.forgetting import choose_by_rules, forget
from tgvault.retention.pruning import PruneOptions, prune
from tgvault.retention.rules import KeepRules
from tgvault.state.database import Database
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.opened import Vault

__all__ = ["Acknowledged", "Place", "keep_pruning", "keep_reading", "keep_writing", "prune_at_last"]

now = partial(datetime.now, UTC)


@dataclass(frozen=True)
class Acknowledged:
    """A snapshot of which a writer was told that it is safe: its id, its archive, and the export that it holds."""

    id: str
    archive: str
    export: Path


@dataclass(frozen=True)
class Place:
    """A machine: how it makes its sink, the vault's keys, and its folder."""

    spec: PluginSpec[Sink]
    keys: KeyBundle
    folder: Path

    @contextmanager
    def opened(self) -> Iterator[OpenedVault]:
        """The vault as this machine knows it."""
        database = Database.open(self.folder / "state.db", key=self.keys.id_key.state_key())
        vault = Vault(build(self.spec), self.keys, database)
        try:
            yield opened_in(vault, self.folder, self.spec)
        finally:
            vault.close()


def keep_writing(place: Place, archive: str, rounds: int, told: Connection) -> None:
    """Import one export after the other; runs in a process of its own. A run that fails is done again."""
    host = Host(allow=frozenset())
    for number in range(rounds):
        export = place.folder / f"export-{number}"
        if not export.exists():
            # Aside: a machine that is killed meanwhile has no half of one.
            an_export(place.folder.name, number).write(export.with_suffix(".new"))
            export.with_suffix(".new").rename(export)
        while True:
            try:
                with place.opened() as opened:
                    plan = plan_import(host, export, archive=archive)
                    options = RunOptions(Policy.KEEP, place.folder.name, jobs=0)
                    run = back_up(opened, plan, options, host=host, now=now, progress=NullProgress())
            except (SinkUnavailableError, VaultBusyError) as error:
                told.send(str(error))
                continue
            break
        told.send(Acknowledged(run.report.snapshot, archive, export))
    told.send(None)


def keep_pruning(place: Place, told: Connection) -> None:
    """Forget all but the newest two snapshots of each archive and prune, again and again, until somebody says stop.

    Tells of what it forgets before it does.
    """
    options = PruneOptions("pruner", grace=0, max_unused=0.1)
    while not told.poll():
        try:
            with place.opened() as opened:
                forget_old(opened.vault, told)
                report = prune(opened, options, now=now, progress=NullProgress())
            told.send(("pruned", report.packs_deleted, len(report.snapshots), len(report.waiting_for)))
        except (SinkUnavailableError, VaultBusyError) as error:
            told.send(("failed", str(error)))
        except VaultError as error:
            told.send(("refused", str(error)))
    told.send(None)


def keep_reading(place: Place, told: Connection) -> None:
    """Restore the newest snapshot of each archive in turn, again and again, until somebody says stop.

    Tells of each restore: the snapshot's id, the folder, and what could not be restored.
    """
    for number in count():
        if told.poll():
            break
        with place.opened() as opened:
            newest = {each.manifest.archive: each for each in opened.vault.sync()}
            if not newest:
                continue
            chosen = newest[sorted(newest)[number % len(newest)]]
            options = RestoreOptions(place.folder.with_name(f"restored-{number}"), exact=True)
            report = restore(opened, chosen, options, jobs=0, now=now, progress=NullProgress())
        told.send(("restored", chosen.id, options.target, [str(each) for each in report.findings if each.is_loss]))
    told.send(None)


def prune_at_last(place: Place) -> None:
    """Forget and prune once all is over, and again when two hours have passed: whoever was killed is dead by then."""
    for hours in (0, 2):
        later = timedelta(hours=hours)
        with place.opened() as opened:
            forget_old(opened.vault)
            options = PruneOptions("last", grace=0, max_unused=0)
            prune(opened, options, now=lambda later=later: now() + later, progress=NullProgress())  # type: ignore[misc]


def forget_old(vault: Vault, told: Connection | None = None) -> None:
    """Forget all but the newest two snapshots of each archive, as the rules have it, and tell of it before."""
    decisions = choose_by_rules(vault, vault.sync(), KeepRules(last=2), archive=None, now=now())
    old = [each.snapshot.id for each in decisions if not each.keep]
    if old and told is not None:
        told.send(("forgets", old))
    forget(vault, decisions, now=now(), host="pruner")


def an_export(machine: str, number: int) -> Export:
    """An export that shares chats and photos with those of other machines, and has some of its own."""
    shared, own = random.Random(number), random.Random(f"{machine} {number}")
    common = [Said(at, f"everybody's {at}") for at in range(1, 200)]
    pictures = [
        Picture(f"chats/chat_01/photos/p{each}.jpg", random.Random(each).randbytes(60_000)) for each in range(6)
    ]
    common += [Said(1000 + at, "", each) for at, each in enumerate(shared.sample(pictures, 3))]
    mine = [Said(at, f"{machine} {number} {at}") for at in range(1, 150)]
    photo = Picture("chats/chat_02/photos/own.jpg", own.randbytes(own.choice([5_000, 300_000])))
    mine.append(Said(500, "", photo))
    return Export(
        (
            Talk(11, "personal_chat", "Everybody", tuple(common)),
            Talk(100 + int(machine[-1]), "personal_chat", machine, tuple(mine)),
        )
    )
