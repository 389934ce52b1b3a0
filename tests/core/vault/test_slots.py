from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import pytest

from key_support import all_texts, sealed_with_passphrase, ssh_ed25519, ssh_rsa
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, Recipient, seal
from tgvault.errors import (
    AccessError,
    CorruptObjectError,
    ForgedObjectError,
    MissingObjectError,
    TgVaultError,
    TruncatedObjectError,
    WrongKeyError,
)
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.slot_changes import put_recipient_slot
from tgvault.vault.slots import list_slots, open_bundle, slot_names, slot_object

BUNDLE = KeyBundle.generate()
ANNA = Identity.generate()
BEN = Identity.generate()
PHRASE = "five words that nobody guesses"


@pytest.fixture
def sink() -> MemorySink:
    """A vault that Anna and Ben open."""
    sink = MemorySink()
    put_recipient_slot(sink, "anna", bundle=BUNDLE, recipient=ANNA.recipient)
    put_recipient_slot(sink, "ben", bundle=BUNDLE, recipient=BEN.recipient)
    return sink


def with_phrase(sink: MemorySink, *, name: str = "phrase") -> None:
    sink.replace(slot_object(name), sealed_with_passphrase(BUNDLE.to_json(), PHRASE))


def with_too_costly_phrase(sink: MemorySink, *, name: str) -> None:
    sealed = sealed_with_passphrase(BUNDLE.to_json(), PHRASE)
    sink.replace(slot_object(name), sealed.replace(b" 4\n", b" 40\n"))


def opened(
    sink: MemorySink,
    identities: Sequence[Identity],
    *,
    passphrase: str | None = None,
    accept: Callable[[KeyBundle], None] = lambda _: None,
) -> str:
    """Name the slot that gives the vault's keys."""
    bundle, slot = open_bundle(sink, identities, passphrase=passphrase, accept=accept)
    assert bundle == BUNDLE
    assert slot in list_slots(sink)
    return slot.name


def test_each_holder_opens_the_same_bundle_by_their_own_slot(sink: MemorySink) -> None:
    assert opened(sink, [ANNA]) == "anna"
    assert opened(sink, [BEN]) == "ben"
    assert opened(sink, [Identity.generate(), BEN]) == "ben"


def test_slots_are_listed_with_what_opens_them_and_without_a_key(sink: MemorySink) -> None:
    put_recipient_slot(sink, "carla", bundle=BUNDLE, recipient=Recipient(ssh_ed25519()[1]))
    put_recipient_slot(sink, "dora", bundle=BUNDLE, recipient=Recipient(ssh_rsa()[1]))
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
    anna = sink.get(slot_object("anna"))
    assert (slots[0].size, slots[0].digest) == (len(anna), hashlib.sha256(anna).hexdigest())
    assert slot_names(slots[:2]) == "the vault's slots: `anna` (age), `ben` (age)"


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


def test_no_slot_behind_the_one_that_opens_is_read(sink: MemorySink) -> None:
    class Without(MemorySink):
        def get(self, name: ObjectName) -> bytes:
            assert name == "keys/anna.age"
            return super().get(name)

    assert open_bundle(Without(sink.objects), [ANNA])[1].name == "anna"


def test_a_passphrase_slot_is_not_touched_without_a_passphrase_and_comes_last(sink: MemorySink) -> None:
    with_too_costly_phrase(sink, name="a-phrase")

    name = opened(sink, [BEN], passphrase=PHRASE)

    assert name == "ben"
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

    with pytest.raises(WrongKeyError, match="does not open `keys") as caught:
        open_bundle(sink, [], passphrase=wrong)

    assert wrong not in all_texts(caught.value)


def test_a_passphrase_where_no_slot_is_for_one_says_so(sink: MemorySink) -> None:
    with pytest.raises(WrongKeyError, match="no slot of the vault is for a key of that kind") as caught:
        open_bundle(sink, [], passphrase=PHRASE)

    assert "`anna` (age)" in str(caught.value.hint)


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

    assert opened(sink, [ANNA, BEN]) == "ben"
    with pytest.raises(kind, match=r"`keys/anna\.age`.*opens no other slot") as caught:
        open_bundle(sink, [ANNA])

    assert type(caught.value) is kind
    assert "another key" in str(caught.value.hint)


def test_a_broken_slot_alone_is_named_alone() -> None:
    sink = MemorySink({"keys/anna.age": b"rubbish"})

    with pytest.raises(CorruptObjectError, match=r"cut off$"):
        open_bundle(sink, [ANNA])


def test_a_bundle_that_is_not_accepted_is_passed_over_for_a_good_one(sink: MemorySink) -> None:
    forged = KeyBundle.generate()
    put_recipient_slot(sink, "a-forged", bundle=forged, recipient=ANNA.recipient)
    sink.replace(ObjectName("keys/a-broken.age"), b"rubbish")

    def accept(bundle: KeyBundle) -> None:
        if bundle != BUNDLE:
            raise ForgedObjectError("not ours", hint="the way out")

    name = opened(sink, [ANNA], accept=accept)
    sink.delete(slot_object("anna"))

    assert name == "anna"
    with pytest.raises(ForgedObjectError, match="not ours; the key opens no other slot") as caught:
        open_bundle(sink, [ANNA], accept=accept)
    assert caught.value.hint == "the way out"


def test_no_secret_is_in_what_slots_and_errors_show(sink: MemorySink) -> None:
    with pytest.raises(WrongKeyError) as caught:
        open_bundle(sink, [Identity.generate()])

    shown = all_texts(caught.value) + all_texts(list_slots(sink)) + all_texts(open_bundle(sink, [ANNA]))
    assert "AGE-SECRET-KEY" not in shown
    assert BUNDLE.id_key.secret.hex() not in shown
