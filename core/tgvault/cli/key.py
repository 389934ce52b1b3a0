"""`tgvault key list | add | remove | verify | export`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Meta

from tgvault.cli.asking import ask_secret
from tgvault.cli.command import VaultCommand, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.setup import kit_order
from tgvault.cli.table import Column, Table
from tgvault.cli.text import size
from tgvault.cli.unlocking import find_own_keys, unlock_place
from tgvault.cli.world import Place, place
from tgvault.engine.first_keys import KeyringKey
from tgvault.engine.keys import (
    add_device,
    add_passphrase,
    add_recipient,
    export_identity,
    export_kit,
    free_name,
)
from tgvault.errors import UsageError
from tgvault.keys.kit import parse_kit, verify_kit
from tgvault.keys.kit_files import read_kit
from tgvault.keys.recipients import read_recipient
from tgvault.keys.unlock import Unlocked
from tgvault.vault.slot_changes import list_again, remove_slot
from tgvault.vault.slots import Slot, SlotKind, list_slots

__all__ = ["SlotInfo", "SlotList", "VerifiedKit", "WrittenKey", "app"]

app = new_app()

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The kit's text form; `-` reads standard input")]


class SlotInfo(msgspec.Struct, frozen=True):
    """A slot: one way to unlock the vault."""

    name: Annotated[str, Meta(description="What `key remove` takes.")]
    kind: Annotated[SlotKind, Meta(description="What opens it.")]
    size: Annotated[int, Meta(description="Size of its object in bytes.")]


class SlotList(msgspec.Struct, frozen=True):
    """The vault's slots."""

    slots: Annotated[list[SlotInfo], Meta(description="By name.")]


class VerifiedKit(msgspec.Struct, frozen=True):
    """A recovery kit that was proved to open the vault."""

    vault: Annotated[str, Meta(description="The vault's id.")]
    fingerprint: Annotated[str, Meta(description="The vault's fingerprint.")]
    slot: Annotated[str, Meta(description="The slot that the kit opens.")]


class WrittenKey(msgspec.Struct, frozen=True):
    """Keys that were written to files."""

    files: Annotated[list[str], Meta(description="The files; whoever has one of them can read the vault.")]
    slot: Annotated[str | None, Meta(description="The slot that was made for it, or null.")]


@app.callback()
def key() -> None:
    """Say who can unlock the vault, and prove a recovery kit"""


@app.command("list", cls=VaultCommand)
def list_(context: typer.Context) -> None:
    """List the slots: the ways to unlock the vault. Needs no key"""
    invocation: Invocation = context.obj
    with place(invocation) as where:
        slots = list_slots(where.sink)
    invocation.output.show(SlotList([_info(slot) for slot in slots]), _slots_in_words)


@app.command(cls=VaultCommand)
def add(
    context: typer.Context,
    public_key: Annotated[
        str | None, typer.Argument(metavar="PUBLIC_KEY", help="`age1…`, an SSH public key, or a file with one")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The slot's name; the sink sees it")] = None,
    new_passphrase: Annotated[
        bool | None, typer.Option("--new-passphrase", help="Add a passphrase, asked for or read from standard input")
    ] = None,
    device: Annotated[
        bool | None, typer.Option("--device", help="Make a key for this machine and put it into its keyring")
    ] = None,
) -> None:
    """Let a person, another machine, a passphrase or this machine unlock the vault"""
    invocation: Invocation = context.obj
    if [public_key is not None, bool(new_passphrase), bool(device)].count(True) != 1:
        raise UsageError("say what to add", hint="give one of PUBLIC_KEY, `--new-passphrase` and `--device`")
    recipient = read_recipient(public_key) if public_key is not None else None
    with place(invocation) as where:
        bundle = _unlock(where, invocation).bundle
        if recipient is not None:
            slot = add_recipient(where.sink, bundle=bundle, recipient=recipient, name=_free(where, name, "key"))
        elif device:
            slot = add_device(where.sink, bundle=bundle, device=KeyringKey(), name=name)
        else:
            secret = ask_secret(invocation, "New passphrase", twice=True)
            slot = add_passphrase(where.sink, bundle=bundle, passphrase=secret, name=_free(where, name, "passphrase"))
    invocation.output.show(_info(slot), lambda added, output: output.line(f"slot {added.name} opens the vault"))
    _tell_copies(where, invocation)


@app.command(cls=VaultCommand)
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="The slot's name")]
) -> None:
    """Take a slot away; the last one stays"""
    invocation: Invocation = context.obj
    with place(invocation) as where:
        unlocked = _unlock(where, invocation)
        remove_slot(where.sink, name, bundle=unlocked.bundle)
        slots = list_slots(where.sink)
    invocation.output.note(f"slot {name} is gone; whoever unlocked the vault with it may have kept the vault's keys")
    if unlocked.slot == name:
        invocation.output.warn(
            "it opened the vault just now: from here on another key has to, such as the recovery kit"
        )
    invocation.output.show(SlotList([_info(slot) for slot in slots]), _slots_in_words)


@app.command(cls=VaultCommand)
def verify(context: typer.Context, file: FileArgument) -> None:
    """Prove that a recovery kit opens the vault"""
    invocation: Invocation = context.obj
    kit = parse_kit(invocation.stdin.read()) if file == "-" else read_kit(invocation.folder / file)
    with place(invocation) as where:
        unlocked = verify_kit(where.sink, kit)
    proved = VerifiedKit(unlocked.header.vault_id, unlocked.bundle.fingerprint, unlocked.slot)
    invocation.output.show(proved, _proof_in_words)


@app.command(cls=VaultCommand)
def export(
    context: typer.Context,
    kit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Make another recovery kit, with a slot of its own")
    ] = None,
    identity: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write this machine's own key, which may lie in its keyring")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the kit's slot")] = None,
) -> None:
    """Write a new recovery kit, or this machine's key, to a file"""
    invocation: Invocation = context.obj
    if (kit is None) == (identity is None):
        raise UsageError("say what to write", hint="give one of `--kit FILE` and `--identity FILE`")
    with place(invocation) as where:
        if kit is not None:
            written = _export_kit(where, _unlock(where, invocation), invocation.folder / kit, name)
        else:
            assert identity is not None
            written = _export_identity(where, unlock_place(where, invocation), invocation, invocation.folder / identity)
    invocation.output.show(written, lambda done, output: output.line("\n".join(done.files)))
    if kit is not None:
        _tell_copies(where, invocation)


def _tell_copies(where: Place, invocation: Invocation) -> None:
    """A key that was added this moment opens no copy: who needs one tomorrow should know."""
    if where.config.copies:
        invocation.output.note("The copies do not know the new slot yet; tell them: tgvault sync")


def _unlock(where: Place, invocation: Invocation) -> Unlocked:
    unlocked = unlock_place(where, invocation)
    if list_again(where.sink, unlocked.opened, bundle=unlocked.bundle):
        invocation.output.note(f"slot {unlocked.slot} was not on the vault's list of slots; it is now")
    return unlocked


def _export_kit(where: Place, unlocked: Unlocked, path: Path, name: str | None) -> WrittenKey:
    order = kit_order(path, where.config, where.host)
    made = export_kit(where.sink, bundle=unlocked.bundle, order=order, clock=_now, name=name)
    return WrittenKey([str(made.files.text), str(made.files.page)], made.slot.name)


def _export_identity(where: Place, unlocked: Unlocked, invocation: Invocation, path: Path) -> WrittenKey:
    vault_id = unlocked.header.vault_id
    found = find_own_keys(where.config, invocation, vault_id=vault_id)
    export_identity(found.identities, path, vault_id=vault_id, clock=_now)
    return WrittenKey([str(path)], None)


def _slots_in_words(said: SlotList, output: Output) -> None:
    columns = (Column("slot", whole=True), Column("opened by"), Column("size", right=True, spare=1))
    output.table(Table(columns, [(each.name, each.kind.value, size(each.size)) for each in said.slots]))


def _proof_in_words(said: VerifiedKit, output: Output) -> None:
    output.line(f"the kit opens vault {said.vault} by slot {said.slot}")
    output.line(f"fingerprint {said.fingerprint}")


def _info(slot: Slot) -> SlotInfo:
    return SlotInfo(slot.name, slot.kind, slot.size)


def _free(where: Place, name: str | None, usual: str) -> str:
    return name or free_name(where.sink, usual)


def _now() -> datetime:
    return datetime.now(UTC)
