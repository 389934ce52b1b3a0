from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from key_support import all_texts, noon
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity
from tgvault.engine.create import NewSlot, create_vault
from tgvault.engine.first_keys import GivenKey, KitOrder
from tgvault.engine.keys import (
    MIN_PASSPHRASE,
    add_device,
    add_passphrase,
    add_recipient,
    export_identity,
    export_kit,
    free_name,
)
from tgvault.errors import AccessError, BadKeyError, KeyringLockedError, UsageError
from tgvault.keys.key_file import read_key_file
from tgvault.keys.kit import verify_kit
from tgvault.keys.kit_files import read_kit
from tgvault.keys.unlock import unlock
from tgvault.testing import MemorySink
from tgvault.vault import slot_changes
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import read_header
from tgvault.vault.slot_changes import put_recipient_slot
from tgvault.vault.slots import SlotKind, list_slots

ANNA = Identity.generate()
BEN = Identity.generate()


class LockedKey:
    identity = BEN

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def keep(self, vault_id: str) -> None:
        raise self._error

    def earlier(self, vault_id: str) -> Identity | None:
        return None


class KeptKey:
    """A new key for a machine that keeps another one already."""

    def __init__(self, kept: Identity | None) -> None:
        self.identity = Identity.generate()
        self.kept = kept

    def keep(self, vault_id: str) -> None:
        self.kept = self.identity

    def earlier(self, vault_id: str) -> Identity | None:
        return self.kept


@pytest.fixture
def sink() -> MemorySink:
    sink = MemorySink()
    create_vault(sink, slots=(NewSlot.of("device", ANNA),), clock=noon)
    return sink


@pytest.fixture
def bundle(sink: MemorySink) -> KeyBundle:
    return unlock(sink, [ANNA]).bundle


def order(folder: Path) -> KitOrder:
    return KitOrder(folder / "KIT.txt", "folder /mnt", lambda _: "[sink]")


def names(sink: MemorySink) -> list[str]:
    found = [slot.name for slot in list_slots(sink)]
    assert sorted(read_header(sink).slots) == sorted(found)
    return found


def test_a_name_that_is_taken_gets_a_number(sink: MemorySink, bundle: KeyBundle) -> None:
    add_recipient(sink, bundle=bundle, recipient=BEN.recipient, name="device-2")

    sink.delete(ObjectName("keys/device-2.age"))

    assert free_name(sink, "device") == "device-3"
    assert free_name(sink, "laptop") == "laptop"


def test_somebody_elses_key_opens_the_vault_from_then_on(sink: MemorySink, bundle: KeyBundle) -> None:
    slot = add_recipient(sink, bundle=bundle, recipient=BEN.recipient, name="ben")

    assert slot.kind is SlotKind.AGE
    assert unlock(sink, [BEN]).bundle == bundle


def test_a_passphrase_opens_the_vault_from_then_on(
    sink: MemorySink, bundle: KeyBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed: list[str] = []

    def seal(_: bytes, passphrase: str) -> bytes:
        sealed.append(passphrase)
        return b"sealed"

    # The real one takes seconds and is tested where it lives.
    monkeypatch.setattr(slot_changes, "seal_with_passphrase", seal)

    add_passphrase(sink, bundle=bundle, passphrase="five words and more", name="phrase")

    assert sealed == ["five words and more"]
    assert sink.get(ObjectName("keys/phrase.age")) == b"sealed"


def test_a_short_passphrase_is_refused_and_not_shown(sink: MemorySink, bundle: KeyBundle) -> None:
    short = "x" * (MIN_PASSPHRASE - 1)

    with pytest.raises(BadKeyError, match="less than 12 characters") as caught:
        add_passphrase(sink, bundle=bundle, passphrase=short, name="phrase")

    assert short not in all_texts(caught.value)
    assert names(sink) == ["device"]


def test_a_machine_gets_a_key_of_its_own(sink: MemorySink, bundle: KeyBundle) -> None:
    slot = add_device(sink, bundle=bundle, device=GivenKey(BEN))
    named = add_device(sink, bundle=bundle, device=GivenKey(Identity.generate()), name="attic")

    assert (slot.name, named.name) == ("device-2", "attic")
    assert unlock(sink, [BEN]).slot == "device-2"


def test_a_machine_that_has_a_good_key_keeps_it(sink: MemorySink, bundle: KeyBundle) -> None:
    device = KeptKey(ANNA)

    with pytest.raises(UsageError, match="has a key already, that of slot `device`") as caught:
        add_device(sink, bundle=bundle, device=device)

    assert "`tgvault key remove device`" in str(caught.value.hint)
    assert device.kept == ANNA
    assert names(sink) == ["device"]


def forged_slot(sink: MemorySink) -> None:
    put_recipient_slot(sink, "a", bundle=KeyBundle.generate(), recipient=BEN.recipient)


@pytest.mark.parametrize("change", [lambda _: None, forged_slot])
def test_a_key_that_does_not_open_the_vault_any_more_gives_way_to_a_new_one(
    sink: MemorySink, bundle: KeyBundle, change: Callable[[MemorySink], None]
) -> None:
    change(sink)
    device = KeptKey(BEN)

    slot = add_device(sink, bundle=bundle, device=device)

    assert device.kept == device.identity
    assert unlock(sink, [device.identity]).slot == slot.name


@pytest.mark.parametrize("error", [KeyringLockedError("the OS keyring is locked"), KeyboardInterrupt()])
def test_a_key_that_cannot_be_kept_leaves_no_slot(sink: MemorySink, bundle: KeyBundle, error: BaseException) -> None:
    with pytest.raises(type(error)):
        add_device(sink, bundle=bundle, device=LockedKey(error))

    assert names(sink) == ["device"]


def test_a_second_kit_opens_the_vault_beside_the_first(sink: MemorySink, bundle: KeyBundle, tmp_path: Path) -> None:
    made = export_kit(sink, bundle=bundle, order=order(tmp_path), clock=noon)
    (tmp_path / "second").mkdir()
    again = export_kit(sink, bundle=bundle, order=order(tmp_path / "second"), clock=noon)

    assert (made.slot.name, again.slot.name) == ("recovery", "recovery-2")
    for kit in (made, again):
        assert verify_kit(sink, read_kit(kit.files.text)).slot == kit.slot.name
    assert "AGE-SECRET" not in all_texts(made)


def test_a_kit_that_has_no_place_leaves_no_slot(
    sink: MemorySink, bundle: KeyBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "KIT.txt").write_text("old")

    with pytest.raises(UsageError):
        export_kit(sink, bundle=bundle, order=order(tmp_path), clock=noon)
    monkeypatch.setattr("tgvault.keys.kit_files.KitFiles.check_free", lambda _: None)
    with pytest.raises(UsageError):
        export_kit(sink, bundle=bundle, order=order(tmp_path), clock=noon, name="paper")

    assert names(sink) == ["device"]
    assert (tmp_path / "KIT.txt").read_text() == "old"


def test_the_keys_of_a_write_only_machine_let_nobody_in(sink: MemorySink, bundle: KeyBundle, tmp_path: Path) -> None:
    half = KeyBundle(bundle.vault_id, None, bundle.index, bundle.id_key)

    for call in (
        lambda: add_recipient(sink, bundle=half, recipient=BEN.recipient, name="ben"),
        lambda: add_passphrase(sink, bundle=half, passphrase="five words and more", name="phrase"),
        lambda: add_device(sink, bundle=half, device=GivenKey(BEN)),
        lambda: export_kit(sink, bundle=half, order=order(tmp_path), clock=noon),
    ):
        with pytest.raises(AccessError, match="not read it"):
            call()

    assert names(sink) == ["device"]
    assert list(tmp_path.iterdir()) == []


def test_this_machines_own_key_can_be_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"

    export_identity([ANNA, BEN], path, vault_id="0" * 32, clock=noon)

    public = subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True, text=True).stdout.split()
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"opens the tgvault vault {'0' * 32}" in path.read_text()
    assert read_key_file(path).identities == (ANNA, BEN)
    assert public == [ANNA.recipient.text, BEN.recipient.text]


def test_a_key_is_never_written_over_another_file(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_text("old")

    with pytest.raises(UsageError):
        export_identity([ANNA], path, vault_id="0" * 32, clock=noon)

    assert path.read_text() == "old"
