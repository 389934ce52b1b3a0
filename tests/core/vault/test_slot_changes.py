from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from key_support import sealed_with_passphrase, vault_for
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    LastSlotError,
    MissingObjectError,
    NotFoundError,
    SinkFullError,
    SinkUnavailableError,
    TgVaultError,
    UsageError,
    WrongKeyError,
)
from tgvault.testing import (
    Fault,
    FaultKind,
    FaultySink,
    MemorySink,
    Operation,
    RecordingSink,
    crash_states,
    flip_byte,
    swap,
)
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, read_header
from tgvault.vault.slot_changes import (
    add_passphrase_slot,
    add_recipient_slot,
    list_again,
    put_recipient_slot,
    remove_slot,
    take_back,
)
from tgvault.vault.slot_checks import check_slots
from tgvault.vault.slots import Slot, SlotKind, list_slots, open_bundle, slot_object

BUNDLE = KeyBundle.generate()
ANNA = Identity.generate()
BEN = Identity.generate()
CARLA = Identity.generate()
PHRASE = "five words that nobody guesses"


@pytest.fixture
def sink() -> MemorySink:
    """A vault that Anna and Ben open."""
    return vault_for(BUNDLE, anna=ANNA, ben=BEN)


def names(sink: Sink) -> list[str]:
    return [slot.name for slot in list_slots(sink)]


def opens(sink: Sink, *identities: Identity, passphrase: str | None = None) -> str:
    """Name the slot by which the vault's keys are had."""
    bundle, slot = open_bundle(sink, identities, passphrase=passphrase)
    assert bundle == BUNDLE
    return slot.name


def check(sink: Sink) -> list[tuple[str, type[TgVaultError]]]:
    header = read_header(sink)
    header.check(BUNDLE)
    return [(name, type(error)) for name, error in check_slots(sink, header, BUNDLE)]


def test_a_new_slot_opens_the_vault_and_is_on_the_list(sink: MemorySink) -> None:
    slot = add_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=CARLA.recipient)

    assert slot in list_slots(sink)
    assert opens(sink, CARLA) == "carla"
    assert read_header(sink).slots == {each.name: each.digest for each in list_slots(sink)}
    assert check(sink) == []


@pytest.mark.parametrize("name", ["", "Anna", "-a", "a" * 49, "a/b", "a.b", "ä", "a\n"])
def test_a_name_that_no_slot_can_have_is_refused(sink: MemorySink, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a slot"):
        add_recipient_slot(sink, name, bundle=BUNDLE, recipient=ANNA.recipient)


@pytest.mark.parametrize("name", ["anna", "unlisted"])
def test_a_slot_is_never_added_over_another(sink: MemorySink, name: str) -> None:
    put_recipient_slot(sink, "unlisted", bundle=BUNDLE, recipient=ANNA.recipient)
    before = dict(sink.objects)

    with pytest.raises(UsageError, match=f"a slot `{name}` already"):
        add_recipient_slot(sink, name, bundle=BUNDLE, recipient=BEN.recipient)

    assert sink.objects == before


def test_a_slot_of_a_vault_in_the_making_takes_the_place_of_another(sink: MemorySink) -> None:
    slot = put_recipient_slot(sink, "anna", bundle=BUNDLE, recipient=CARLA.recipient)

    assert slot == Slot.of("anna", sink.get(slot_object("anna")))
    assert opens(sink, CARLA) == "anna"


def test_a_passphrase_opens_the_slot_that_it_made_and_asks_for_nothing_else(sink: MemorySink) -> None:
    slot = add_passphrase_slot(sink, "phrase", bundle=BUNDLE, passphrase=PHRASE)

    assert slot.kind is SlotKind.PASSPHRASE
    assert opens(sink, passphrase=PHRASE) == "phrase"
    assert check(sink) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda sink: add_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=CARLA.recipient),
        lambda sink: remove_slot(sink, "anna", bundle=BUNDLE),
        lambda sink: list_again(sink, list_slots(sink)[0], bundle=BUNDLE),
    ],
)
def test_slots_of_a_vault_that_is_not_the_keys_own_are_left_alone(call: Callable[[Sink], object]) -> None:
    sink = vault_for(KeyBundle.generate(), anna=ANNA, ben=BEN)
    before = dict(sink.objects)

    with pytest.raises(ForgedObjectError):
        call(sink)

    assert sink.objects == before


def test_a_removed_slot_opens_nothing_any_more(sink: MemorySink) -> None:
    remove_slot(sink, "anna", bundle=BUNDLE)

    assert names(sink) == ["ben"]
    assert check(sink) == []
    with pytest.raises(WrongKeyError):
        open_bundle(sink, [ANNA])


def test_a_slot_that_is_not_there_cannot_be_removed(sink: MemorySink) -> None:
    with pytest.raises(NotFoundError, match="no slot `carla`") as caught:
        remove_slot(sink, "carla", bundle=BUNDLE)

    assert "`anna` (age)" in str(caught.value.hint)


def rubbish(sink: MemorySink) -> None:
    sink.replace(slot_object("ben"), b"rubbish")


def flipped(sink: MemorySink) -> None:
    flip_byte(sink, slot_object("ben"))


def forged(sink: MemorySink) -> None:
    put_recipient_slot(sink, "ben", bundle=KeyBundle.generate(), recipient=BEN.recipient)


def not_listed(sink: MemorySink) -> None:
    remove_slot(sink, "ben", bundle=BUNDLE)
    put_recipient_slot(sink, "ben", bundle=KeyBundle.generate(), recipient=BEN.recipient)


@pytest.mark.parametrize("damage", [rubbish, flipped, forged, not_listed])
def test_the_last_slot_that_is_known_to_open_the_vault_stays(
    sink: MemorySink, damage: Callable[[MemorySink], None]
) -> None:
    damage(sink)

    with pytest.raises(LastSlotError, match="`anna` is the last") as caught:
        remove_slot(sink, "anna", bundle=BUNDLE)

    assert "tgvault key add" in str(caught.value.hint)
    remove_slot(sink, "ben", bundle=BUNDLE)
    assert opens(sink, ANNA) == "anna"
    assert check(sink) == []


def test_two_swapped_slots_are_put_right_without_locking_anybody_out(sink: MemorySink) -> None:
    swap(sink, slot_object("anna"), slot_object("ben"))
    for name in ("anna", "ben"):
        with pytest.raises(LastSlotError):
            remove_slot(sink, name, bundle=BUNDLE)

    add_recipient_slot(sink, "anna-2", bundle=BUNDLE, recipient=ANNA.recipient)
    for name in ("anna", "ben"):
        remove_slot(sink, name, bundle=BUNDLE)

    assert names(sink) == ["anna-2"]
    assert check(sink) == []


def test_a_slot_that_is_missing_is_taken_off_the_list_or_made_again(sink: MemorySink) -> None:
    sink.delete(slot_object("ben"))
    again = MemorySink(dict(sink.objects))

    remove_slot(sink, "ben", bundle=BUNDLE)
    add_recipient_slot(again, "ben", bundle=BUNDLE, recipient=BEN.recipient)

    assert (check(sink), names(sink)) == ([], ["anna"])
    assert (check(again), names(again)) == ([], ["anna", "ben"])


def killed(recorded: RecordingSink, before: MemorySink) -> Iterator[MemorySink]:
    """What a kill would have left after each write, on top of what was there before."""
    earlier = [Operation("put", name, data) for name, data in before.objects.items()]
    states = crash_states([*earlier, *recorded.operations])
    yield from (state.sink for state in states if state.done >= len(earlier))


def test_a_kill_while_a_slot_is_added_locks_nobody_out_and_doing_it_again_puts_everything_right(
    sink: MemorySink,
) -> None:
    recorded = RecordingSink(MemorySink(dict(sink.objects)))
    add_recipient_slot(recorded, "carla", bundle=BUNDLE, recipient=CARLA.recipient)

    found = []
    for left in killed(recorded, sink):
        found.append(check(left))
        assert [opens(left, ANNA), opens(left, BEN)] == ["anna", "ben"]
        if "carla" not in names(left):
            add_recipient_slot(left, "carla", bundle=BUNDLE, recipient=CARLA.recipient)
        assert opens(left, CARLA) == "carla"
        assert check(left) == []

    assert found == [[], [("keys/carla.age", MissingObjectError)], []]


def test_a_kill_while_a_slot_is_removed_locks_nobody_else_out_and_doing_it_again_puts_everything_right(
    sink: MemorySink,
) -> None:
    recorded = RecordingSink(MemorySink(dict(sink.objects)))
    remove_slot(recorded, "ben", bundle=BUNDLE)

    found = []
    for left in killed(recorded, sink):
        found.append(check(left))
        assert opens(left, ANNA) == "anna"
        if {"ben"} & {*names(left), *read_header(left).slots}:
            remove_slot(left, "ben", bundle=BUNDLE)
        assert (names(left), check(left)) == (["anna"], [])

    assert found == [[], [("keys/ben.age", MissingObjectError)], []]


def test_the_list_is_written_once_and_not_at_all_where_it_stays_the_same(sink: MemorySink) -> None:
    put_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=CARLA.recipient)
    recorded = RecordingSink(sink)

    remove_slot(recorded, "carla", bundle=BUNDLE)

    assert [each.method for each in recorded.operations if each.method in ("replace", "delete")] == ["delete"]


@pytest.mark.parametrize("kind", [FaultKind.ERROR, FaultKind.LOST_ANSWER])
@pytest.mark.parametrize("name", ["keys/*", "vault.json"])
def test_a_slot_that_could_not_be_added_is_taken_back(sink: MemorySink, kind: FaultKind, name: str) -> None:
    before = read_header(sink)
    error = SinkFullError("no room")
    failing = FaultySink(sink, Fault(kind, method="replace", pattern=name, times=1, error=error))

    with pytest.raises(SinkFullError):
        add_recipient_slot(failing, "carla", bundle=BUNDLE, recipient=CARLA.recipient)

    assert names(sink) == ["anna", "ben"]
    assert read_header(sink) == before


def test_a_sink_that_is_gone_for_good_is_named_and_not_what_could_not_be_taken_back(sink: MemorySink) -> None:
    failing = FaultySink(sink, Fault(FaultKind.ERROR, method="replace", pattern="keys/*", error=SinkFullError("full")))
    gone = FaultySink(failing, Fault(FaultKind.ERROR, method="list", error=SinkUnavailableError("gone")))

    with pytest.raises(SinkFullError):
        add_recipient_slot(gone, "carla", bundle=BUNDLE, recipient=CARLA.recipient)

    assert check(sink) == [("keys/carla.age", MissingObjectError)]


def test_a_slot_of_somebody_else_under_the_same_name_is_not_taken_back(sink: MemorySink) -> None:
    mine = Slot.of("ben", b"mine")

    take_back(sink, mine, bundle=BUNDLE)

    assert opens(sink, BEN) == "ben"
    assert check(sink) == []


@pytest.mark.parametrize("changed", [HEADER, "keys/carla.age"])
def test_a_sink_that_gives_back_something_else_is_found_out(sink: MemorySink, changed: str) -> None:
    class Forgetful(MemorySink):
        def replace(self, name: ObjectName, data: bytes) -> None:
            super().replace(name, data[:-1] if name == changed else data)

    with pytest.raises(CorruptObjectError, match=f"`{changed}` does not come back") as caught:
        add_recipient_slot(Forgetful(sink.objects), "carla", bundle=BUNDLE, recipient=CARLA.recipient)

    assert "same moment" in str(caught.value.hint)


def test_a_slot_that_opened_the_vault_is_listed_again(sink: MemorySink) -> None:
    put_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=CARLA.recipient)
    _, slot = open_bundle(sink, [CARLA])

    listed = list_again(sink, slot, bundle=BUNDLE)

    assert listed
    assert check(sink) == []
    assert not list_again(sink, slot, bundle=BUNDLE)


def test_a_copy_of_a_slot_under_another_name_is_not_listed(sink: MemorySink) -> None:
    sink.replace(slot_object("a"), sink.get(slot_object("anna")))
    _, slot = open_bundle(sink, [ANNA])

    listed = list_again(sink, slot, bundle=BUNDLE)

    assert slot.name == "a"
    assert not listed
    assert "a" not in read_header(sink).slots


def test_a_passphrase_slot_of_another_program_is_listed_when_it_opened_the_vault(sink: MemorySink) -> None:
    sink.replace(slot_object("phrase"), sealed_with_passphrase(BUNDLE.to_json(), PHRASE))
    _, slot = open_bundle(sink, [], passphrase=PHRASE)

    assert list_again(sink, slot, bundle=BUNDLE)
    assert check(sink) == []
