from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from key_support import all_texts, noon
from tgvault.crypto.age import Identity
from tgvault.engine.create import NewSlot, create_vault
from tgvault.engine.first_keys import DeviceKey, GivenKey, KeyringKey, KitOrder, VaultWithKit, create_with_kit
from tgvault.errors import KeyringLockedError, NotAVaultError, UsageError, VaultExistsError
from tgvault.keys.kit import verify_kit
from tgvault.keys.kit_files import KitFiles, read_kit
from tgvault.keys.oskeyring import KeyringStore
from tgvault.keys.unlock import unlock
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.slot_changes import put_recipient_slot

ANNA = Identity.generate()


class SystemKeyring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.items: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[username]


SystemKeyring.__module__, SystemKeyring.__qualname__ = "keyring.backends.SecretService", "Keyring"


class LockedKey:
    """A key that cannot be kept."""

    identity = Identity.generate()

    def keep(self, vault_id: str) -> None:
        raise KeyringLockedError("the OS keyring is locked")

    def earlier(self, vault_id: str) -> Identity | None:
        return None


def config(bundle: KeyBundle) -> str:
    return f'[vault]\nid = "{bundle.vault_id}"\n'


def make(sink: MemorySink, folder: Path, device: DeviceKey | None = None) -> VaultWithKit:
    order = KitOrder(folder / "KIT.txt", "folder /mnt", config)
    return create_with_kit(sink, device=device or GivenKey(ANNA), order=order, clock=noon)


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


def test_a_vault_is_made_with_a_device_key_and_a_kit_that_opens_it(sink: MemorySink, tmp_path: Path) -> None:
    made = make(sink, tmp_path)

    assert unlock(sink, [ANNA]).slot == "device"
    assert verify_kit(sink, read_kit(made.files.text)).slot == "recovery"
    assert made.files == KitFiles(tmp_path / "KIT.txt", tmp_path / "KIT.html")
    assert f'id = "{made.created.bundle.vault_id}"' in made.files.text.read_text()
    assert made.kit.fingerprint == made.created.bundle.fingerprint


def test_nothing_of_it_shows_a_secret(sink: MemorySink, tmp_path: Path) -> None:
    made = make(sink, tmp_path)

    shown = all_texts(made) + all_texts(KeyringKey()) + all_texts(GivenKey(ANNA))
    assert "AGE-SECRET" not in shown
    assert made.created.bundle.id_key.secret.hex() not in shown


def test_a_new_key_goes_into_the_keyring_under_the_vaults_id(sink: MemorySink, tmp_path: Path) -> None:
    keyring = SystemKeyring()

    made = make(sink, tmp_path, KeyringKey(store=lambda vault: KeyringStore(vault, load=lambda: keyring)))

    (item,) = keyring.items.items()
    assert item[0] == made.created.bundle.vault_id
    assert unlock(sink, [Identity(item[1])]).slot == "device"


def test_what_a_machine_keeps_already_is_told() -> None:
    keyring = SystemKeyring()
    keyring.items = {"0" * 32: ANNA.text, "1" * 32: "no key"}
    key = KeyringKey(store=lambda vault: KeyringStore(vault, load=lambda: keyring))

    assert key.earlier("0" * 32) == ANNA
    assert key.earlier("1" * 32) is None
    assert key.earlier("2" * 32) is None
    assert GivenKey(ANNA).earlier("0" * 32) is None


def test_a_locked_keyring_leaves_nothing_behind(sink: MemorySink, tmp_path: Path) -> None:
    with pytest.raises(KeyringLockedError):
        make(sink, tmp_path, LockedKey())

    assert sink.objects == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["KIT.txt", "KIT.html"])
def test_a_file_in_the_place_of_the_kit_stays_and_no_vault_is_made(sink: MemorySink, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")

    with pytest.raises(UsageError, match=name):
        make(sink, tmp_path)

    assert sink.objects == {}
    assert (tmp_path / name).read_text() == "old"


def test_the_kit_of_another_vault_stays_and_no_vault_is_made(sink: MemorySink, tmp_path: Path) -> None:
    make(MemorySink(), tmp_path)
    before = (tmp_path / "KIT.txt").read_text()

    with pytest.raises(UsageError, match="exists already"):
        make(sink, tmp_path)

    assert sink.objects == {}
    assert (tmp_path / "KIT.txt").read_text() == before


def test_a_vault_that_exists_is_left_alone(sink: MemorySink, tmp_path: Path) -> None:
    make(sink, tmp_path)

    with pytest.raises(VaultExistsError):
        make(sink, tmp_path)


def killed_before(name: str, sink: MemorySink, folder: Path) -> None:
    """Undo what came after the instant at which the file or object would have been written."""
    order = ("KIT.txt", "KIT.html", "vault.json")
    for later in order[order.index(name) :]:
        sink.objects.pop(later, None)
        (folder / later).unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["KIT.txt", "KIT.html", "vault.json"])
@pytest.mark.parametrize("device", [lambda: GivenKey(ANNA), lambda: GivenKey(Identity.generate())])
def test_after_a_kill_the_same_call_goes_on(
    sink: MemorySink, tmp_path: Path, name: str, device: Callable[[], DeviceKey]
) -> None:
    first = make(sink, tmp_path)
    killed_before(name, sink, tmp_path)
    again = device()
    if name == "KIT.txt" and again.identity != ANNA:
        with pytest.raises(NotAVaultError, match="key slots but no"):
            make(sink, tmp_path, again)
        return

    made = make(sink, tmp_path, again)

    assert made.created.resumed
    # Only the kit can say which keys are the first attempt's.
    assert (made.created.bundle == first.created.bundle) == (name != "KIT.txt")
    assert unlock(sink, [again.identity]).slot == "device"
    assert verify_kit(sink, read_kit(tmp_path / "KIT.txt")).slot == "recovery"
    assert (tmp_path / "KIT.html").exists()


def test_keys_that_somebody_laid_beside_do_not_get_into_the_kit(sink: MemorySink, tmp_path: Path) -> None:
    forged = KeyBundle.generate()
    for name in ("device", "recovery"):
        put_recipient_slot(sink, name, bundle=forged, recipient=ANNA.recipient)

    made = make(sink, tmp_path)

    assert made.kit.fingerprint != forged.fingerprint
    assert unlock(sink, [ANNA], expected_fingerprint=made.kit.fingerprint).bundle == made.created.bundle


def test_a_kit_left_over_does_not_take_over_slots_of_somebody_else(sink: MemorySink, tmp_path: Path) -> None:
    make(MemorySink(), tmp_path)
    create_vault(sink, slots=(NewSlot.of("device", Identity.generate()),), clock=noon)
    del sink.objects["vault.json"]

    with pytest.raises(NotAVaultError):
        make(sink, tmp_path, GivenKey(Identity.generate()))
