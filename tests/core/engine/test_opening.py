from __future__ import annotations

from pathlib import Path

import pytest

from key_support import noon, sealed_with_passphrase
from tgvault.config.config import Config, parse_config
from tgvault.crypto.age import Identity
from tgvault.engine.create import NewSlot, create_vault
from tgvault.engine.opening import unlock_vault
from tgvault.errors import ForgedObjectError, WrongKeyError
from tgvault.keys.kit import new_kit
from tgvault.keys.kit_text import kit_text
from tgvault.keys.private_file import write_private
from tgvault.keys.sources import KeyPlaces
from tgvault.keys.unlock import Unlocked
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.slots import slot_object

ANNA = Identity.generate()
PHRASE = "five words that nobody guesses"


def new_vault() -> tuple[MemorySink, KeyBundle]:
    sink = MemorySink()
    return sink, create_vault(sink, slots=(NewSlot.of("recovery", ANNA),), clock=noon).bundle


def configuration(folder: Path, **vault: str) -> Config:
    said = "".join(f'{key} = "{value}"\n' for key, value in vault.items())
    return parse_config(f'[vault]\n{said}[sink]\ntype = "local"\n', file=folder / "vault.toml")


def key_file(folder: Path, text: str = ANNA.text) -> KeyPlaces:
    write_private(folder / "key", text)
    return KeyPlaces(folder / "key")


def unlocked(config: Config, sink: MemorySink, given: KeyPlaces, *, passphrase: str | None = None) -> Unlocked:
    return unlock_vault(config, sink, given=given, environment={}, notice=print, passphrase=passphrase)


def test_a_vault_is_unlocked_by_the_key_that_was_given(tmp_path: Path) -> None:
    sink, bundle = new_vault()
    config = configuration(tmp_path, id=bundle.vault_id, fingerprint=bundle.fingerprint)

    assert unlocked(config, sink, key_file(tmp_path)).bundle == bundle


@pytest.mark.parametrize("passphrase", [None, PHRASE])
def test_another_vault_than_the_configuration_names_is_refused(tmp_path: Path, passphrase: str | None) -> None:
    sink, bundle = new_vault()
    config = configuration(tmp_path, id="0" * 32)

    with pytest.raises(ForgedObjectError, match=f"`{bundle.vault_id}`.*`{'0' * 32}`") as caught:
        unlocked(config, sink, key_file(tmp_path), passphrase=passphrase)

    assert "right disk" in str(caught.value.hint)


def test_a_kit_unlocks_no_vault_but_its_own_also_where_the_configuration_names_none(tmp_path: Path) -> None:
    _, bundle = new_vault()
    other, _ = new_vault()
    kit = new_kit(ANNA, bundle, slot="recovery", place="here", created=noon(), config="")

    with pytest.raises(ForgedObjectError, match=bundle.fingerprint):
        unlocked(configuration(tmp_path), other, key_file(tmp_path, kit_text(kit, file="key")))


def test_the_keys_of_a_write_only_machine_do_not_pass_for_those_of_a_reader(tmp_path: Path) -> None:
    sink, bundle = new_vault()
    half = KeyBundle(bundle.vault_id, None, bundle.index, bundle.id_key)
    sink.replace(slot_object("a"), sealed_with_passphrase(half.to_json(), PHRASE))

    with pytest.raises(WrongKeyError, match="slot `a` is that of a write-only machine"):
        unlocked(configuration(tmp_path), sink, KeyPlaces(), passphrase=PHRASE)
