"""`verify` names every slot that is not as it was, also those that nobody at hand can open, and `key` heals them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried
from tgvault.crypto.age import Identity
from tgvault.keys.key_file import read_key_file
from tgvault.keys.private_file import write_private
from tgvault.keys.unlock import unlock
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.slot_changes import put_recipient_slot
from tgvault_plugins.local import LocalSink, LocalSinkConfig

Run = Callable[..., Tried]

BEN = Identity.generate()


@pytest.fixture
def sink(tgvault: Run, tmp_path: Path) -> LocalSink:
    """A vault that this machine, the kit and Ben open."""
    where = ("--vault", "vault.toml", "--path", "v", "--state", "s")
    made = tgvault("init", *where, "--key-file", "KEY", "--kit", "K.txt")
    added = tgvault("key", "add", BEN.recipient.text, "--name", "ben")
    assert (made.code, added.code) == (0, 0), made.err + added.err
    return LocalSink(LocalSinkConfig(tmp_path / "v"))


def problems(tgvault: Run) -> list[tuple[str, str]]:
    tried = tgvault("verify", "--level", "objects", "--json")
    found = [(each["object"], each["kind"]) for each in json.loads(tried.out)["problems"]]
    assert tried.code == (6 if found else 0), tried.err
    return found


def bens(folder: Path) -> Path:
    return folder / "v" / "keys" / "ben.age"


def flipped(folder: Path) -> None:
    data = bytearray(bens(folder).read_bytes())
    data[300] ^= 4
    bens(folder).write_bytes(data)


def cut(folder: Path) -> None:
    bens(folder).write_bytes(bens(folder).read_bytes()[:-1])


def swapped(folder: Path) -> None:
    bens(folder).write_bytes(bens(folder).with_name("recovery.age").read_bytes())


def forged(folder: Path) -> None:
    sink = LocalSink(LocalSinkConfig(folder / "v"))
    put_recipient_slot(sink, "ben", bundle=KeyBundle.generate(), recipient=BEN.recipient)


def gone(folder: Path) -> None:
    bens(folder).unlink()


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (flipped, "CorruptObjectError"),
        (cut, "TruncatedObjectError"),
        (swapped, "SwappedObjectError"),
        (forged, "ForgedObjectError"),
        (gone, "MissingObjectError"),
    ],
)
def test_a_damaged_slot_of_somebody_else_is_named_and_healed(
    tgvault: Run, sink: LocalSink, tmp_path: Path, damage: Callable[[Path], None], kind: str
) -> None:
    damage(tmp_path)

    found = problems(tgvault)
    healed = [tgvault("key", "remove", "ben"), tgvault("key", "add", BEN.recipient.text, "--name", "ben")]

    assert found == [("keys/ben.age", kind)]
    assert [tried.code for tried in healed] == [0, 0]
    assert problems(tgvault) == []


def test_a_slot_that_nobody_listed_is_named_and_removed(tgvault: Run, sink: LocalSink, tmp_path: Path) -> None:
    put_recipient_slot(sink, "carla", bundle=KeyBundle.generate(), recipient=BEN.recipient)

    found = problems(tgvault)
    tgvault("key", "remove", "carla")

    assert found == [("keys/carla.age", "ForgedObjectError")]
    assert problems(tgvault) == []


def test_a_slot_that_unlocks_the_vault_and_is_not_listed_is_listed_by_the_next_change(
    tgvault: Run, sink: LocalSink, tmp_path: Path
) -> None:
    bundle = unlock(sink, read_key_file(tmp_path / "KEY").identities).bundle
    write_private(tmp_path / "ben.key", BEN.text)
    tgvault("key", "remove", "ben")
    put_recipient_slot(sink, "ben", bundle=bundle, recipient=BEN.recipient)

    found = problems(tgvault)
    tried = tgvault("--key-file", "ben.key", "key", "add", Identity.generate().recipient.text)

    assert found == [("keys/ben.age", "ForgedObjectError")]
    assert "slot ben was not on the vault's list of slots; it is now" in tried.err
    assert problems(tgvault) == []


@pytest.mark.parametrize("at", [3, 60, 200, 400, -3])
def test_a_flipped_byte_in_the_header_is_named(tgvault: Run, sink: LocalSink, tmp_path: Path, at: int) -> None:
    header = tmp_path / "v" / "vault.json"
    data = bytearray(header.read_bytes())
    data[at] ^= 1
    header.write_bytes(data)

    tried = tgvault("verify")

    # Another vault's id means another vault; with anything else the fingerprint in vault.toml says that it is this one.
    assert tried.code == (67 if "names vault" in tried.err else 6)
    assert "`vault.json`" in tried.err
    assert "hint:" in tried.err
