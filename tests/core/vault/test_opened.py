from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pyrage
import pytest

from tgvault.archive.reading import ArchiveReader
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Recipient, plaintext_length
from tgvault.crypto.keyed import BlobId
from tgvault.errors import (
    AccessError,
    CorruptObjectError,
    ForgedObjectError,
    HiddenSnapshotError,
    MissingObjectError,
    RolledBackError,
    SwappedObjectError,
    TruncatedObjectError,
    UnsupportedFormatError,
    VaultError,
)
from tgvault.model.records import MediaRef, Message
from tgvault.state.database import Database
from tgvault.state.files import Files
from tgvault.state.memory import Sighting
from tgvault.testing import MemorySink, flip_byte, names, swap, truncate
from tgvault.vault import opened
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.frames import compressed, padding
from tgvault.vault.manifests import SnapshotName, check_manifest
from tgvault.vault.marks import MarkKind, StoredMark, put_mark
from tgvault.vault.opened import Snapshot, Vault
from tgvault.vault.packs import pack_name
from tgvault.vault.sealed import seal_text
from vault_support import FakeChat, FakeSource, MemoryVault, a_bundle, said

KEYS = a_bundle()
assert KEYS.data is not None


@dataclass
class Scene:
    """A vault of three snapshots of one archive, and the machine that made them."""

    memory: MemoryVault
    snapshots: list[Snapshot]

    @property
    def sink(self) -> MemorySink:
        return self.memory.sink

    @property
    def known(self) -> Vault:
        """The vault as the machine sees it that wrote it all."""
        return self.memory.vault

    def fresh(self) -> Vault:
        """The vault as a machine sees it that knows nothing yet."""
        return Vault(self.sink, KEYS, Database.in_memory())


def source(texts: dict[int, str], picture: bytes) -> FakeSource:
    messages = [said(number, text) for number, text in texts.items()]
    shown = said(1000 + len(texts), "", photo="{chat}/a.jpg")
    photo = Message(shown.id, shown.body, (MediaRef("photo", "chats/a.jpg"),))
    return FakeSource(
        [FakeChat([*messages, photo])], documents={"contacts": texts}, files={"chats/a.jpg": picture, "other": b"x"}
    )


@pytest.fixture
def scene() -> Scene:
    memory = MemoryVault()
    made = [
        memory.back_up(source({number: f"{day} {number}" for number in range(1, day * 100)}, bytes([day]) * 5000))
        for day in (1, 2, 3)
    ]
    return Scene(memory, made)


def read_everything(vault: Vault, snapshot: Snapshot) -> int:
    """Read all that a snapshot has, and give the number of messages."""
    reader = ArchiveReader(snapshot.manifest, vault.reader)
    count = 0
    for chat in reader.chats():
        for message in reader.messages(chat):
            count += 1
            for media in message.media.values():
                assert media.blob is not None
                vault.reader.load(BlobId(bytes.fromhex(media.blob)))
    for document in reader.documents():
        msgspec.json.decode(reader.document_body(document))
    for file in reader.files():
        vault.reader.load(BlobId(bytes.fromhex(file.blob or "")))
    return count


def use(vault: Vault) -> None:
    """What a restore of the newest snapshot does, and of all others."""
    snapshots = vault.sync()
    vault.require_manifests()
    for snapshot in snapshots:
        read_everything(vault, snapshot)


def made_up(recipient: Recipient, plaintext: bytes = b"made up " * 500) -> bytes:
    """What whoever knows the public recipients can make, with pyrage alone."""
    return pyrage.encrypt(compressed(plaintext), [pyrage.x25519.Recipient.from_str(recipient.text)])


def sealed_to(name: str) -> Recipient:
    assert KEYS.data is not None
    return KEYS.index.recipient if name.startswith("index/") else KEYS.data.recipient


Damage = Callable[[MemorySink, ObjectName], None]


def missing(sink: MemorySink, name: ObjectName) -> None:
    sink.delete(name)


def cut_off(sink: MemorySink, name: ObjectName) -> None:
    """At a length to which no writer pads: one in thirty others would pass for a change of the bytes."""
    data = sink.get(name)
    keep = len(data) * 2 // 3
    while padding(plaintext_length(data[:keep]) or 0) == b"":
        keep -= 1
    truncate(sink, name, keep=keep)


def empty(sink: MemorySink, name: ObjectName) -> None:
    truncate(sink, name, keep=0)


def flipped(sink: MemorySink, name: ObjectName) -> None:
    flip_byte(sink, name)


def flipped_in_the_header(sink: MemorySink, name: ObjectName) -> None:
    flip_byte(sink, name, at=40)


def swapped(sink: MemorySink, name: ObjectName) -> None:
    alike = names(sink, name.partition("/")[0])
    swap(sink, name, alike[alike.index(name) - 1])


def forged(sink: MemorySink, name: ObjectName) -> None:
    sink.replace(name, made_up(sealed_to(name)))


def rubbish(sink: MemorySink, name: ObjectName) -> None:
    sink.replace(name, bytes(range(256)) * 500)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (missing, MissingObjectError),
        (cut_off, TruncatedObjectError),
        (empty, TruncatedObjectError),
        (flipped, CorruptObjectError),
        (flipped_in_the_header, CorruptObjectError),
        (swapped, SwappedObjectError),
        (forged, ForgedObjectError),
        (rubbish, CorruptObjectError),
    ],
)
@pytest.mark.parametrize("which", ["known", "fresh"])
def test_every_damaged_pack_is_named_when_it_is_read(
    scene: Scene, damage: Damage, kind: type[VaultError], which: str
) -> None:
    for name in names(scene.sink, "packs/"):
        before = dict(scene.sink.objects)
        damage(scene.sink, name)
        vault = scene.fresh() if which == "fresh" else Vault(scene.sink, KEYS, scene.known.database)

        with pytest.raises(VaultError) as caught:
            use(vault)

        assert caught.type is kind
        assert caught.value.hint
        assert str(caught.value).startswith(f"`{name}`") or damage is swapped
        scene.sink.objects.clear()
        scene.sink.objects.update(before)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (cut_off, TruncatedObjectError),
        (empty, TruncatedObjectError),
        (flipped, CorruptObjectError),
        (flipped_in_the_header, CorruptObjectError),
        (swapped, SwappedObjectError),
        (forged, ForgedObjectError),
    ],
)
def test_a_damaged_index_object_is_noted_and_everything_can_be_read_without_it(
    scene: Scene, damage: Damage, kind: type[VaultError]
) -> None:
    for name in names(scene.sink, "index/"):
        before = dict(scene.sink.objects)
        damage(scene.sink, name)
        vault = scene.fresh()

        use(vault)

        assert {type(error) for error in vault.bad_indexes} == {kind}
        assert any(f"`{name}`" in str(error) and error.hint for error in vault.bad_indexes)
        scene.sink.objects.update(before)


def test_without_a_missing_index_object_everything_can_be_read_and_it_is_told(scene: Scene) -> None:
    for name in names(scene.sink, "index/"):
        before = dict(scene.sink.objects)
        scene.sink.delete(name)
        for vault in (scene.known, scene.fresh()):
            use(vault)

            (error,) = vault.bad_indexes
            assert type(error) is MissingObjectError
            assert "next backup lists them again" in str(error.hint)
        scene.sink.objects.update(before)
    use(scene.known)
    assert scene.known.bad_indexes == []


def test_the_next_backup_lists_what_a_missing_index_object_listed(scene: Scene) -> None:
    scene.sink.delete(names(scene.sink, "index/")[0])

    scene.memory.back_up(source({1: "x"}, b"new"))

    vault = scene.fresh()
    use(vault)
    assert vault.bad_indexes == []


def test_a_blob_whose_beginning_is_listed_and_itself_is_not_is_found_in_the_packs_when_it_is_needed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "is_indexed", lambda *_: True)
    for name in names(scene.sink, "index/"):
        scene.sink.delete(name)

    use(scene.fresh())


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (flipped, CorruptObjectError),
        (flipped_in_the_header, CorruptObjectError),
        (swapped, SwappedObjectError),
        (forged, ForgedObjectError),
    ],
)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_damaged_manifest_bars_the_way_to_the_newest_and_to_no_other_by_its_name(
    scene: Scene, damage: Damage, kind: type[VaultError], number: int
) -> None:
    name = scene.snapshots[number].name
    damage(scene.sink, name)
    vault = scene.fresh()

    snapshots = vault.sync()

    assert {type(error) for error in vault.bad_manifests} == {kind}
    assert any(f"`{name}`" in str(error) and error.hint for error in vault.bad_manifests)
    assert name not in {each.name for each in snapshots}
    for snapshot in snapshots:
        read_everything(vault, snapshot)
    with pytest.raises(kind):
        vault.require_manifests()


@pytest.mark.parametrize("damage", [flipped, flipped_in_the_header, cut_off, empty])
def test_a_backup_goes_on_beside_a_damaged_manifest_and_joins_it_when_it_is_good_again(
    scene: Scene, damage: Damage
) -> None:
    name = scene.snapshots[-1].name
    good = scene.sink.get(name)
    damage(scene.sink, name)
    memory = MemoryVault()
    memory.sink.objects = scene.sink.objects
    memory.vault.sync()
    memory.vault.require_writable()
    memory.back_up(source({1: "1 1", 5000: "new"}, b"x"))

    scene.sink.replace(name, good)
    last = memory.back_up(source({1: "1 1", 5001: "newer"}, b"x"))

    assert len(last.manifest.parents) == 2
    assert read_everything(memory.vault, last) > 300


@pytest.mark.parametrize("damage", [swapped, forged])
def test_a_backup_stops_at_a_manifest_that_is_not_the_vaults(scene: Scene, damage: Damage) -> None:
    damage(scene.sink, scene.snapshots[-1].name)
    vault = scene.fresh()
    vault.sync()

    with pytest.raises((SwappedObjectError, ForgedObjectError)):
        vault.require_writable()


@pytest.mark.parametrize("damage", [cut_off, empty])
def test_a_manifest_that_is_cut_off_was_no_snapshot_yet(scene: Scene, damage: Damage) -> None:
    damage(scene.sink, scene.snapshots[-1].name)
    vault = scene.fresh()

    snapshots = vault.sync()
    vault.require_manifests()

    assert [each.name for each in snapshots] == [each.name for each in scene.snapshots[:2]]
    assert [type(error) for error in vault.bad_manifests] == [TruncatedObjectError]


def test_damage_to_a_manifest_that_was_read_before_changes_nothing(scene: Scene) -> None:
    for snapshot in scene.snapshots:
        flip_byte(scene.sink, snapshot.name)

    assert [each.name for each in scene.known.sync()] == [each.name for each in scene.snapshots]
    assert scene.known.bad_manifests == []


def test_what_was_damaged_and_is_good_again_is_noted_no_more(scene: Scene) -> None:
    good = dict(scene.sink.objects)
    flip_byte(scene.sink, scene.snapshots[-1].name)
    flip_byte(scene.sink, names(scene.sink, "index/")[0])
    vault = scene.fresh()
    vault.sync()

    scene.sink.objects.update(good)

    assert len(vault.sync()) == 3
    assert (vault.bad_indexes, vault.bad_manifests) == ([], [])


def test_a_forged_snapshot_is_named_and_not_among_the_snapshots(scene: Scene) -> None:
    """Whoever knows the data recipient can seal anything to it, and give it a right name."""
    good = scene.snapshots[-1]
    payload = check_manifest(good.name, scene.sink.get(good.name), KEYS)
    assert KEYS.data is not None
    for data in (
        made_up(KEYS.data.recipient, b"0" * 64 + b"\n" + payload),
        seal_text(payload, purpose="manifest", id_key=KeyBundle.generate().id_key, recipient=KEYS.data.recipient),
        seal_text(payload, purpose="index", id_key=KEYS.id_key, recipient=KEYS.data.recipient),
    ):
        name = ObjectName(f"snapshots/20270101T000000Z-{hashlib.sha256(data).hexdigest()}.age")
        scene.sink.put(name, data)

        for vault in (scene.known, scene.fresh()):
            assert [each.name for each in vault.sync()] == [each.name for each in scene.snapshots]
            with pytest.raises(ForgedObjectError, match=name):
                vault.require_manifests()
        scene.sink.delete(name)


def test_a_copy_of_a_snapshot_under_another_time_is_named(scene: Scene) -> None:
    name = scene.snapshots[0].name
    copy = SnapshotName(name.replace("2026", "2027"))
    scene.sink.put(copy, scene.sink.get(name))

    for vault in (scene.known, scene.fresh()):
        assert len(vault.sync()) == 3
        with pytest.raises(SwappedObjectError, match=copy):
            vault.require_manifests()


def test_a_forged_pack_changes_nothing(scene: Scene) -> None:
    assert KEYS.data is not None
    data = made_up(KEYS.data.recipient)
    digest = hashlib.sha256(data).hexdigest()
    scene.sink.put(ObjectName(f"packs/{digest[:2]}/{digest}.age"), data)

    for vault in (scene.known, scene.fresh()):
        use(vault)


@pytest.mark.parametrize("which", ["known", "fresh"])
def test_a_hidden_snapshot_in_the_middle_is_noticed_by_everybody(scene: Scene, which: str) -> None:
    hidden = scene.snapshots[1]
    scene.sink.delete(hidden.name)

    with pytest.raises(HiddenSnapshotError, match=hidden.id) as caught:
        (scene.fresh() if which == "fresh" else scene.known).sync()
    assert "--accept-missing-snapshots" in str(caught.value.hint)


def test_the_hidden_newest_snapshot_is_noticed_by_who_has_seen_it(scene: Scene) -> None:
    hidden = scene.snapshots[2]
    scene.sink.delete(hidden.name)

    with pytest.raises(RolledBackError, match=hidden.id) as caught:
        scene.known.sync()
    assert "--accept-missing-snapshots" in str(caught.value.hint)


def test_the_hidden_newest_snapshot_cannot_be_noticed_by_who_never_saw_it(scene: Scene) -> None:
    """The threat model says so."""
    scene.sink.delete(scene.snapshots[2].name)

    assert len(scene.fresh().sync()) == 2


def test_a_store_that_shows_an_older_state_is_noticed(scene: Scene) -> None:
    memory = MemoryVault()
    memory.back_up(source({1: "a"}, b"x"))
    older = dict(memory.sink.objects)
    memory.back_up(source({1: "a", 2: "b"}, b"x"))
    memory.sink.objects.clear()
    memory.sink.objects.update(older)

    with pytest.raises(RolledBackError):
        memory.vault.sync()


def test_a_store_that_shows_nothing_at_all_is_noticed(scene: Scene) -> None:
    scene.sink.objects.clear()

    with pytest.raises(RolledBackError):
        scene.known.sync()


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("which", ["known", "fresh"])
def test_missing_snapshots_can_be_accepted_once_and_for_all(scene: Scene, number: int, which: str) -> None:
    scene.sink.delete(scene.snapshots[number].name)
    vault = scene.fresh() if which == "fresh" else scene.known

    accepted = vault.sync(accept_missing=True)

    assert len(accepted) == len(vault.sync()) == 2


def test_accepting_does_not_cover_what_goes_missing_later(scene: Scene) -> None:
    scene.sink.delete(scene.snapshots[0].name)
    scene.known.sync(accept_missing=True)
    scene.sink.delete(scene.snapshots[1].name)

    with pytest.raises(HiddenSnapshotError, match=scene.snapshots[1].id):
        scene.known.sync()


def test_a_missing_snapshot_of_another_archive_is_told_by_that_archive(scene: Scene) -> None:
    other = scene.memory.back_up(source({1: "a"}, b"x"), archive="work")
    scene.sink.delete(other.name)

    with pytest.raises(RolledBackError, match="`work`"):
        scene.known.sync()


def test_snapshots_come_by_archive_and_number(scene: Scene) -> None:
    other = scene.memory.back_up(source({1: "a"}, b"x"), archive="aunt")

    snapshots = scene.fresh().sync()

    assert [each.name for each in snapshots] == [other.name, *(each.name for each in scene.snapshots)]
    assert [each.manifest.sequence for each in snapshots] == [1, 1, 2, 3]


def test_a_snapshot_of_a_newer_format_bars_the_way_to_the_newest(scene: Scene) -> None:
    payload = b'{"format":2,"vault":"%s"}' % KEYS.vault_id.encode()
    assert KEYS.data is not None
    data = seal_text(payload, purpose="manifest", id_key=KEYS.id_key, recipient=KEYS.data.recipient)
    scene.sink.put(ObjectName(f"snapshots/20270101T000000Z-{hashlib.sha256(data).hexdigest()}.age"), data)

    assert len(scene.known.sync()) == 3
    with pytest.raises(UnsupportedFormatError):
        scene.known.require_manifests()


def test_keys_that_can_only_write_do_not_open_a_vault() -> None:
    write_only = KeyBundle(KEYS.vault_id, None, KEYS.index, KEYS.id_key)

    with pytest.raises(AccessError) as caught:
        Vault(MemorySink(), write_only, Database.in_memory())
    assert caught.value.hint


def test_what_a_vault_shows_of_itself_holds_no_key(scene: Scene) -> None:
    assert KEYS.data is not None

    assert KEYS.data.text not in repr(scene.known)
    assert KEYS.id_key.secret.hex() not in repr(scene.known)


def test_closing_lets_go_of_the_database(scene: Scene) -> None:
    vault = scene.fresh()
    vault.close()

    with pytest.raises(Exception, match="closed"):
        vault.sync()


def marked(scene: Scene, kind: MarkKind, *objects: ObjectName) -> StoredMark:
    return put_mark(scene.sink, kind, objects, keys=KEYS, time=datetime(2026, 5, 1, tzinfo=UTC), host="laptop")


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("machine", ["known", "fresh"])
def test_a_forgotten_snapshot_is_hidden_at_once_and_missed_by_nobody(scene: Scene, which: int, machine: str) -> None:
    name = scene.snapshots[which].name
    marked(scene, MarkKind.FORGET, name)
    vault = scene.known if machine == "known" else scene.fresh()

    snapshots = vault.sync()

    assert [each.name for each in snapshots] == [each.name for each in scene.snapshots if each.name != name]
    assert [each.name for each in vault.forgotten] == [name]


def test_a_snapshot_is_there_again_when_its_mark_is_taken_back(scene: Scene) -> None:
    mark = marked(scene, MarkKind.FORGET, scene.snapshots[0].name)
    scene.known.sync()

    scene.sink.delete(mark.name)

    assert len(scene.known.sync()) == 3
    assert scene.known.forgotten == []


def test_a_mark_that_was_taken_back_cannot_be_put_back(scene: Scene) -> None:
    mark = marked(scene, MarkKind.FORGET, scene.snapshots[0].name)
    data = scene.sink.get(mark.name)
    scene.known.sync()
    scene.sink.delete(mark.name)
    scene.known.sync()

    scene.sink.put(mark.name, data)

    assert len(scene.known.sync()) == 3
    assert [type(error) for error in scene.known.bad_marks] == [ForgedObjectError]


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("machine", ["known", "fresh"])
def test_a_snapshot_that_was_deleted_on_purpose_is_missed_by_nobody(scene: Scene, which: int, machine: str) -> None:
    name = scene.snapshots[which].name
    marked(scene, MarkKind.DELETED, name)
    scene.sink.delete(name)
    vault = scene.known if machine == "known" else scene.fresh()

    snapshots = vault.sync()

    assert [each.name for each in snapshots] == [each.name for each in scene.snapshots if each.name != name]


def test_a_snapshot_that_was_deleted_on_purpose_does_not_come_back(scene: Scene) -> None:
    marked(scene, MarkKind.DELETED, scene.snapshots[0].name)

    snapshots = scene.known.sync()

    assert len(snapshots) == 2


def test_a_forged_mark_hides_nothing_and_is_told(scene: Scene) -> None:
    mark = marked(scene, MarkKind.FORGET, scene.snapshots[0].name)
    scene.sink.replace(mark.name, made_up(KEYS.index.recipient))

    snapshots = scene.known.sync()

    assert len(snapshots) == 3
    assert [type(error) for error in scene.known.bad_marks] == [ForgedObjectError]


def replaced_index(scene: Scene, *, leave_out: int = 0) -> list[ObjectName]:
    """Put one index object in the place of all, without the first packs; gives the names of those before, and of the
    packs that are in none any more."""
    before = names(scene.sink, "index/")
    lines = []
    packs = [pack.digest for pack in scene.known.places.packs()]
    for digest in packs[leave_out:]:
        size = scene.known.places.size(digest)
        lines.append(b'{"pack":"%s","size":%d}\n' % (digest.hex().encode(), size or 0))
        lines += [
            b'["%s",%d,%d,%d,%d]\n' % (p.blob.hex().encode(), p.frame_offset, p.frame_length, p.offset, p.length)
            for p in scene.known.places.in_pack(digest)
        ]
    data = seal_text(b"".join(lines), purpose="index", id_key=KEYS.id_key, recipient=KEYS.index.recipient)
    scene.sink.put(ObjectName(f"index/{hashlib.sha256(data).hexdigest()}.age"), data)
    return [*before, *(pack_name(digest.hex()) for digest in packs[:leave_out])]


@pytest.mark.parametrize("machine", ["known", "fresh"])
@pytest.mark.parametrize("there", [True, False])
def test_index_objects_that_were_replaced_on_purpose_are_no_loss(scene: Scene, machine: str, there: bool) -> None:
    vault = scene.known if machine == "known" else scene.fresh()
    if machine == "fresh":
        vault.sync()
    Files(vault.database).remember([(b"stamp", 5, b"{}")], run=1)
    old = replaced_index(scene)
    marked(scene, MarkKind.DELETED, *old)
    for name in [] if there else old:
        scene.sink.delete(name)

    use(vault)

    assert vault.bad_indexes == []
    assert Files(vault.database).by_stamp(b"stamp") is not None


def test_packs_that_were_deleted_on_purpose_are_known_no_more(scene: Scene) -> None:
    old = replaced_index(scene, leave_out=1)
    marked(scene, MarkKind.DELETED, *old)
    (pack,) = [name for name in old if name.startswith("packs/")]

    scene.known.sync()

    assert pack not in [pack_name(each.digest.hex()) for each in scene.known.places.packs()]


def test_an_index_object_that_goes_between_the_list_and_the_reading_is_looked_for_again(scene: Scene) -> None:
    class Pruned(MemorySink):
        """Index objects are replaced just before the first of them is read."""

        def get(self, name: ObjectName) -> bytes:
            if name in old:
                marked(scene, MarkKind.DELETED, *old)
                for each in list(old):
                    old.remove(each)
                    self.delete(each)
            return super().get(name)

    old = replaced_index(scene)
    scene.sink.__class__ = Pruned

    vault = scene.fresh()
    vault.sync()

    assert vault.bad_indexes == []


def test_looking_remembers_when_snapshots_came(scene: Scene) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    clock = iter(noon + timedelta(minutes=minute) for minute in range(10))
    vault = Vault(scene.memory.sink, KEYS, Database.in_memory(), lambda: next(clock))
    vault.sync()
    new = scene.memory.back_up(source({1: "another"}, b"z"))

    vault.sync()

    sightings = vault.memory.sightings()
    assert sightings.pop(new.name) == Sighting(noon, noon + timedelta(minutes=3))
    assert set(sightings.values()) == {Sighting(None, noon + timedelta(minutes=1))}
    assert len(sightings) == 3


def test_what_is_gone_from_the_vault_on_purpose_is_remembered_by_who_has_seen_it(scene: Scene) -> None:
    first, second, _ = scene.snapshots
    scene.known.sync()
    marked(scene, MarkKind.DELETED, first.name)
    marked(scene, MarkKind.FORGET, second.name)
    scene.sink.delete(first.name)
    scene.known.sync()
    fresh = scene.fresh()
    fresh.sync()

    assert {each.name for each in scene.known.past()} == {first.name, second.name}
    assert {each.name for each in fresh.past()} == {second.name}
