from __future__ import annotations

import json

import pytest

from key_support import NOON, noon, ssh_ed25519
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, Recipient
from tgvault.engine.create import NewSlot, create_vault
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    KeyringLockedError,
    NotAVaultError,
    SinkUnavailableError,
    VaultExistsError,
)
from tgvault.keys.unlock import unlock
from tgvault.testing import MemorySink, RecordingSink, crash_states
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import read_header
from tgvault.vault.slot_changes import put_recipient_slot
from tgvault.vault.slot_checks import check_slots
from tgvault.vault.slots import list_slots, open_bundle

ANNA = Identity.generate()
BEN = Identity.generate()
SLOTS = (NewSlot.of("device", ANNA), NewSlot.of("recovery", BEN))


def test_a_new_vault_opens_with_each_of_its_keys() -> None:
    sink = MemorySink()

    made = create_vault(sink, slots=SLOTS, clock=noon)

    assert not made.resumed
    assert made.header.created == NOON
    for slot in SLOTS:
        unlocked = unlock(sink, [slot.identity], expected_fingerprint=made.bundle.fingerprint)
        assert (unlocked.slot, unlocked.bundle, unlocked.header) == (slot.name, made.bundle, made.header)


def test_a_slot_may_be_made_for_somebody_whose_secret_is_not_here() -> None:
    private, public = ssh_ed25519()
    sink = MemorySink()

    made = create_vault(sink, slots=(*SLOTS, NewSlot("carla", Recipient(public))), clock=noon)

    assert unlock(sink, [Identity(private)]).slot == "carla"
    assert check_slots(sink, made.header, made.bundle) == []


def test_the_place_is_prepared_and_the_header_written_last() -> None:
    sink = RecordingSink(MemorySink())

    create_vault(sink, slots=SLOTS, clock=noon)

    written = [each.name for each in sink.operations if each.method in ("put", "replace")]
    assert sink.operations[0].method == "prepare"
    assert written == ["keys/device.age", "keys/recovery.age", "vault.json"]


def test_keys_are_kept_before_the_vault_exists_and_after_its_slots_were_proved() -> None:
    sink = MemorySink()
    seen: list[tuple[set[str], str]] = []

    made = create_vault(
        sink, slots=SLOTS, clock=noon, keep=lambda bundle: seen.append((set(sink.objects), bundle.vault_id))
    )

    assert seen == [({"keys/device.age", "keys/recovery.age"}, made.bundle.vault_id)]


def test_a_vault_is_never_made_over_another() -> None:
    sink = MemorySink()
    create_vault(sink, slots=SLOTS, clock=noon)
    before = dict(sink.objects)

    with pytest.raises(VaultExistsError) as caught:
        create_vault(sink, slots=SLOTS, clock=noon)

    assert "tgvault status" in str(caught.value.hint)
    assert sink.objects == before


def test_a_header_that_is_damaged_is_still_a_vaults() -> None:
    sink = MemorySink({"vault.json": b"{"})

    with pytest.raises(VaultExistsError):
        create_vault(sink, slots=SLOTS, clock=noon)


def test_objects_without_a_header_are_named_and_left_alone() -> None:
    names = [f"packs/ab/{digit * 64}.age" for digit in "0123"]
    sink = MemorySink(dict.fromkeys(["keys/device.age", *names], b"x"))
    before = dict(sink.objects)

    with pytest.raises(NotAVaultError) as caught:
        create_vault(sink, slots=SLOTS, clock=noon)

    assert f"`{names[0]}`" in str(caught.value)
    assert "and 1 more" in str(caught.value)
    assert "another copy" in str(caught.value.hint)
    assert sink.objects == before


def test_a_vault_is_made_where_the_store_was_tried_out() -> None:
    sink = MemorySink({"test/20261123T120000Z-01234567-first.age": b"x"})

    assert create_vault(sink, slots=SLOTS, clock=noon).header == read_header(sink)


def test_slots_of_somebody_else_without_a_header_are_named_and_left_alone() -> None:
    sink = MemorySink()
    put_recipient_slot(sink, "device", bundle=KeyBundle.generate(), recipient=Identity.generate().recipient)
    before = dict(sink.objects)

    with pytest.raises(NotAVaultError, match=r"key slots but no `vault\.json`.*`keys/device\.age`") as caught:
        create_vault(sink, slots=SLOTS, clock=noon)

    assert "delete these objects" in str(caught.value.hint)
    assert sink.objects == before


def planted(name: str = "device") -> tuple[MemorySink, KeyBundle]:
    """What somebody can prepare who knows nothing but Anna's public key."""
    sink, forged = MemorySink(), KeyBundle.generate()
    put_recipient_slot(sink, name, bundle=forged, recipient=ANNA.recipient)
    return sink, forged


def test_keys_that_somebody_laid_there_before_do_not_become_the_vaults() -> None:
    sink, forged = planted()

    made = create_vault(sink, slots=SLOTS, clock=noon)

    assert made.bundle.id_key != forged.id_key
    assert made.bundle.data != forged.data
    assert unlock(sink, [ANNA], expected_fingerprint=made.bundle.fingerprint).bundle == made.bundle
    assert check_slots(sink, made.header, made.bundle) == []


def test_keys_that_somebody_laid_there_do_not_pass_for_those_of_a_kit_that_is_there() -> None:
    sink, forged = planted()
    kits = KeyBundle.generate().fingerprint

    with pytest.raises(NotAVaultError):
        create_vault(sink, slots=SLOTS, clock=noon, known_fingerprint=kits)

    assert unlock_planted(sink) == forged


def test_a_slot_that_no_attempt_of_ours_would_have_made_is_left_alone() -> None:
    sink, forged = planted("a")

    with pytest.raises(NotAVaultError, match=r"key slots but no `vault\.json`.*`keys/a\.age`"):
        create_vault(sink, slots=SLOTS, clock=noon)

    assert unlock_planted(sink) == forged


def unlock_planted(sink: MemorySink) -> KeyBundle:
    return open_bundle(sink, [ANNA])[0]


def test_the_slot_of_a_write_only_machine_is_not_taken_for_one_left_over() -> None:
    whole = KeyBundle.generate()
    half = KeyBundle(whole.vault_id, None, whole.index, whole.id_key)
    sink = MemorySink()
    put_recipient_slot(sink, "device", bundle=half, recipient=ANNA.recipient)

    with pytest.raises(NotAVaultError):
        create_vault(sink, slots=SLOTS, clock=noon, known_fingerprint=whole.fingerprint)


def operations() -> RecordingSink:
    sink = RecordingSink(MemorySink())
    create_vault(sink, slots=SLOTS, clock=noon)
    return sink


def test_a_kill_at_any_instant_leaves_a_whole_vault_or_none_and_the_same_call_goes_on() -> None:
    states = list(crash_states(operations().operations))

    for state in states:
        if "vault.json" in state.sink.objects:
            unlocked = unlock(state.sink, [BEN])
            assert unlocked.slot == "recovery"
            assert check_slots(state.sink, unlocked.header, unlocked.bundle) == []
            continue
        with pytest.raises(NotAVaultError):
            unlock(state.sink, [ANNA])

        made = create_vault(state.sink, slots=SLOTS, clock=noon)

        assert made.resumed == bool(state.done)
        assert unlock(state.sink, [BEN]).bundle == made.bundle
        assert check_slots(state.sink, made.header, made.bundle) == []
    assert len(states) == 4


def test_a_resumed_vault_keeps_the_keys_of_its_kit_and_takes_a_new_key_for_one_that_was_lost() -> None:
    sink = MemorySink()
    first = create_vault(sink, slots=SLOTS, clock=noon)
    del sink.objects["vault.json"]
    carla = Identity.generate()
    slots = (NewSlot.of("device", carla), NewSlot.of("recovery", BEN))

    made = create_vault(sink, slots=slots, clock=noon, known_fingerprint=first.bundle.fingerprint)

    assert made.resumed
    assert made.bundle == first.bundle
    assert unlock(sink, [carla]).slot == "device"


def locked(_: KeyBundle) -> None:
    raise KeyringLockedError("the OS keyring is locked")


def test_slots_are_taken_away_again_when_the_keys_cannot_be_kept() -> None:
    sink = MemorySink()

    with pytest.raises(KeyringLockedError):
        create_vault(sink, slots=SLOTS, clock=noon, keep=locked)

    assert sink.objects == {}


def test_slots_that_were_there_before_stay_when_the_keys_cannot_be_kept() -> None:
    sink = MemorySink()
    create_vault(sink, slots=SLOTS, clock=noon)
    del sink.objects["vault.json"]

    with pytest.raises(KeyringLockedError):
        create_vault(sink, slots=SLOTS, clock=noon, keep=locked)

    assert [slot.name for slot in list_slots(sink)] == ["device", "recovery"]


def test_slots_stay_when_nobody_knows_whether_the_header_was_written() -> None:
    class Vanishing(MemorySink):
        def replace(self, name: ObjectName, data: bytes) -> None:
            super().replace(name, data)
            if name == "vault.json":
                raise SinkUnavailableError("gone")

    sink = Vanishing()

    with pytest.raises(SinkUnavailableError):
        create_vault(sink, slots=SLOTS, clock=noon)

    assert unlock(sink, [ANNA]).slot == "device"


def other_slot(sink: MemorySink) -> None:
    put_recipient_slot(sink, "device", bundle=KeyBundle.generate(), recipient=ANNA.recipient)


def test_a_slot_that_gives_other_keys_is_found_out() -> None:
    class Swapping(MemorySink):
        def replace(self, name: ObjectName, data: bytes) -> None:
            super().replace(name, data)
            if name == "keys/recovery.age":
                other_slot(MemorySink(self.objects))

    with pytest.raises(CorruptObjectError, match=r"`keys/device\.age` does not give back"):
        create_vault(Swapping(), slots=SLOTS, clock=noon)


def test_a_header_that_comes_back_changed_is_found_out() -> None:
    class Changing(MemorySink):
        def replace(self, name: ObjectName, data: bytes) -> None:
            super().replace(name, data.replace(b'"format":1', b'"format":0') if name == "vault.json" else data)

    with pytest.raises(ForgedObjectError, match=r"`vault\.json`"):
        create_vault(Changing(), slots=SLOTS, clock=noon)


def test_the_header_says_nothing_but_what_the_format_lists() -> None:
    sink = MemorySink()

    create_vault(sink, slots=SLOTS, clock=noon)

    assert set(json.loads(sink.objects["vault.json"])) == {
        "format",
        "vault",
        "data",
        "index",
        "created",
        "slots",
        "mac",
    }
