from __future__ import annotations

from collections.abc import Callable

import pytest

from key_support import all_texts, sealed_with_passphrase, ssh_ed25519, ssh_rsa
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, Recipient, seal
from tgvault.errors import (
    AccessError,
    CorruptObjectError,
    ForgedObjectError,
    LastSlotError,
    MissingObjectError,
    NotFoundError,
    TgVaultError,
    TruncatedObjectError,
    UsageError,
    WrongKeyError,
)
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.slots import (
    Slot,
    SlotKind,
    add_passphrase_slot,
    add_recipient_slot,
    list_slots,
    open_bundle,
    put_recipient_slot,
    remove_slot,
    slot_object,
)

BUNDLE = KeyBundle.generate()
ANNA = Identity.generate()
BEN = Identity.generate()
PHRASE = "five words that nobody guesses"


@pytest.fixture
def sink() -> MemorySink:
    """A vault that Anna and Ben open."""
    sink = MemorySink()
    add_recipient_slot(sink, "anna", bundle=BUNDLE, recipient=ANNA.recipient)
    add_recipient_slot(sink, "ben", bundle=BUNDLE, recipient=BEN.recipient)
    return sink


def with_phrase(sink: MemorySink, *, name: str = "phrase") -> None:
    sink.replace(slot_object(name), sealed_with_passphrase(BUNDLE.to_json(), PHRASE))


def with_too_costly_phrase(sink: MemorySink, *, name: str) -> None:
    sealed = sealed_with_passphrase(BUNDLE.to_json(), PHRASE)
    sink.replace(slot_object(name), sealed.replace(b" 4\n", b" 40\n"))


def test_each_holder_opens_the_same_bundle_by_their_own_slot(sink: MemorySink) -> None:
    assert open_bundle(sink, [ANNA]) == (BUNDLE, "anna")
    assert open_bundle(sink, [BEN]) == (BUNDLE, "ben")
    assert open_bundle(sink, [Identity.generate(), BEN]) == (BUNDLE, "ben")


def test_slots_are_listed_with_what_opens_them_and_without_a_key(sink: MemorySink) -> None:
    add_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=Recipient(ssh_ed25519()[1]))
    add_recipient_slot(sink, "dora", bundle=BUNDLE, recipient=Recipient(ssh_rsa()[1]))
    with_phrase(sink)
    sink.replace(ObjectName("keys/x.age"), b"rubbish")

    slots = list_slots(sink)

    assert [(slot.name, slot.kind.value) for slot in slots] == [
        ("anna", "age"),
        ("ben", "age"),
        ("carla", "ssh"),
        ("dora", "ssh"),
        ("phrase", "passphrase"),
        ("x", "unknown"),
    ]
    assert slots[0].size == sink.size(slot_object("anna"))


def test_what_else_lies_in_the_folder_is_no_slot(sink: MemorySink) -> None:
    for name in ("keys/readme.txt", "keys/Big.age", "keys/a/b.age"):
        sink.objects[name] = b"x"

    assert [slot.name for slot in list_slots(sink)] == ["anna", "ben"]


def test_a_slot_that_goes_away_during_the_listing_is_left_out(sink: MemorySink) -> None:
    class Going(MemorySink):
        def get(self, name: ObjectName) -> bytes:
            if name == "keys/anna.age":
                raise MissingObjectError(f"`{name}` is not in the vault")
            return super().get(name)

    assert [slot.name for slot in list_slots(Going(sink.objects))] == ["ben"]


@pytest.mark.parametrize("name", ["", "Anna", "-a", "a" * 49, "a/b", "a.b", "ä", "a\n"])
def test_a_name_that_no_slot_can_have_is_refused(sink: MemorySink, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a slot"):
        add_recipient_slot(sink, name, bundle=BUNDLE, recipient=ANNA.recipient)


def test_a_slot_is_never_added_over_another(sink: MemorySink) -> None:
    before = sink.get(slot_object("anna"))

    with pytest.raises(UsageError, match="a slot `anna` already"):
        add_recipient_slot(sink, "anna", bundle=BUNDLE, recipient=BEN.recipient)

    assert sink.get(slot_object("anna")) == before


def test_a_slot_can_be_put_in_the_place_of_another(sink: MemorySink) -> None:
    slot = put_recipient_slot(sink, "anna", bundle=BUNDLE, recipient=BEN.recipient)

    assert slot == Slot("anna", SlotKind.AGE, sink.size(slot_object("anna")))
    assert open_bundle(sink, [BEN]) == (BUNDLE, "anna")


def test_a_sink_that_gives_back_something_else_is_found_out() -> None:
    class Forgetful(MemorySink):
        def replace(self, name: ObjectName, data: bytes) -> None:
            super().replace(name, data[:-1])

    with pytest.raises(CorruptObjectError, match=r"`keys/anna\.age` does not come back"):
        add_recipient_slot(Forgetful(), "anna", bundle=BUNDLE, recipient=ANNA.recipient)


def test_a_passphrase_opens_the_slot_that_it_made_and_asks_for_nothing_else() -> None:
    sink = MemorySink()

    slot = add_passphrase_slot(sink, "phrase", bundle=BUNDLE, passphrase=PHRASE)

    assert slot.kind is SlotKind.PASSPHRASE
    assert open_bundle(sink, [], passphrase=PHRASE) == (BUNDLE, "phrase")


def test_a_passphrase_slot_is_not_touched_without_a_passphrase_and_comes_last(sink: MemorySink) -> None:
    with_too_costly_phrase(sink, name="a-phrase")

    opened = open_bundle(sink, [BEN], passphrase=PHRASE)

    assert opened == (BUNDLE, "ben")
    with pytest.raises(WrongKeyError):
        open_bundle(sink, [Identity.generate()])


def test_a_slot_with_too_much_work_is_reported_and_not_tried(sink: MemorySink) -> None:
    with_too_costly_phrase(sink, name="phrase")

    with pytest.raises(AccessError, match="more work than this machine can do") as caught:
        open_bundle(sink, [], passphrase=PHRASE)

    assert "faster machine" in str(caught.value.hint)


def test_a_wrong_key_says_how_many_slots_were_tried_and_which_there_are(sink: MemorySink) -> None:
    with_phrase(sink)

    with pytest.raises(WrongKeyError, match="none of the 2 slots") as caught:
        open_bundle(sink, [Identity.generate()])

    assert caught.value.hint == "the vault's slots: `anna` (age), `ben` (age), `phrase` (passphrase)"


def test_a_wrong_passphrase_is_a_wrong_key(sink: MemorySink) -> None:
    with_phrase(sink)
    wrong = PHRASE.upper()

    with pytest.raises(WrongKeyError, match="none of the 1 slots") as caught:
        open_bundle(sink, [], passphrase=wrong)

    assert wrong not in all_texts(caught.value)


def test_a_vault_without_slots_says_so() -> None:
    with pytest.raises(MissingObjectError, match="no slots"):
        open_bundle(MemorySink(), [ANNA])


def cut_in_the_header(sealed: bytes) -> bytes:
    return sealed[:60]


def cut_in_the_body(sealed: bytes) -> bytes:
    return sealed[:-9]


def flipped(sealed: bytes) -> bytes:
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def another_content(_: bytes) -> bytes:
    return seal(b'{"format":1}', [ANNA.recipient])


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (cut_in_the_header, TruncatedObjectError),
        (lambda _: b"", TruncatedObjectError),
        (cut_in_the_body, CorruptObjectError),
        (flipped, CorruptObjectError),
        (lambda _: b"rubbish", CorruptObjectError),
        (another_content, CorruptObjectError),
    ],
)
def test_a_broken_slot_is_named_and_locks_nobody_else_out(
    sink: MemorySink, damage: Callable[[bytes], bytes], kind: type[TgVaultError]
) -> None:
    sink.replace(slot_object("anna"), damage(sink.get(slot_object("anna"))))

    assert open_bundle(sink, [ANNA, BEN]) == (BUNDLE, "ben")
    with pytest.raises(kind, match=r"`keys/anna\.age`.*none of the 1 other slots") as caught:
        open_bundle(sink, [ANNA])

    assert type(caught.value) is kind
    assert "another key" in str(caught.value.hint)


def test_a_broken_slot_alone_is_named_alone() -> None:
    sink = MemorySink({"keys/anna.age": b"rubbish"})

    with pytest.raises(CorruptObjectError, match=r"cut off$"):
        open_bundle(sink, [ANNA])


def test_a_bundle_that_is_not_accepted_is_passed_over_for_a_good_one(sink: MemorySink) -> None:
    forged = KeyBundle.generate()
    add_recipient_slot(sink, "a-forged", bundle=forged, recipient=ANNA.recipient)
    sink.replace(ObjectName("keys/a-broken.age"), b"rubbish")

    def accept(bundle: KeyBundle) -> None:
        if bundle != BUNDLE:
            raise ForgedObjectError("not ours", hint="the way out")

    opened = open_bundle(sink, [ANNA], accept=accept)
    remove_slot(sink, "anna")

    assert opened == (BUNDLE, "anna")
    with pytest.raises(ForgedObjectError, match="not ours; the key opens none of the 1 other") as caught:
        open_bundle(sink, [ANNA], accept=accept)
    assert caught.value.hint == "the way out"


def test_a_removed_slot_opens_nothing_any_more(sink: MemorySink) -> None:
    remove_slot(sink, "anna")

    assert [slot.name for slot in list_slots(sink)] == ["ben"]
    with pytest.raises(WrongKeyError):
        open_bundle(sink, [ANNA])


def test_a_slot_that_is_not_there_cannot_be_removed(sink: MemorySink) -> None:
    with pytest.raises(NotFoundError, match="no slot `carla`") as caught:
        remove_slot(sink, "carla")

    assert "`anna` (age)" in str(caught.value.hint)


def test_the_last_slot_that_can_open_the_vault_stays(sink: MemorySink) -> None:
    remove_slot(sink, "ben")
    sink.replace(ObjectName("keys/x.age"), b"rubbish")

    with pytest.raises(LastSlotError, match="`anna` is the last") as caught:
        remove_slot(sink, "anna")

    assert "tgvault key add" in str(caught.value.hint)
    remove_slot(sink, "x")
    assert open_bundle(sink, [ANNA]) == (BUNDLE, "anna")


def test_no_secret_is_in_what_slots_and_errors_show(sink: MemorySink) -> None:
    with pytest.raises(WrongKeyError) as caught:
        open_bundle(sink, [Identity.generate()])

    shown = all_texts(caught.value) + all_texts(list_slots(sink)) + all_texts(open_bundle(sink, [ANNA]))
    assert "AGE-SECRET-KEY" not in shown
    assert BUNDLE.id_key.secret.hex() not in shown
