from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity
from tgvault.engine.create import CreatedVault, NewSlot, create_vault
from tgvault.engine.doctor import Check, Diagnosis, Surroundings, doctor, free_bytes
from tgvault.errors import ConfigError
from tgvault.host.discovery import Candidate
from tgvault.host.host import Host
from tgvault.keys.identity_file import identity_text
from tgvault.keys.sources import KeyPlaces
from tgvault.testing import flip_byte
from tgvault.vault.opened import Vault
from tgvault_plugins.local import LocalSink
from tgvault_plugins.local.sink import LocalSinkConfig
from vault_support import FakeChat, FakeSource, MemoryVault, said

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Place:
    """A vault in a folder, and what a doctor would look at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sink = LocalSink(LocalSinkConfig(folder / "vault"))
        self.identity = Identity.generate()
        self.key = folder / "key"
        self.key.write_text(identity_text(self.identity, what_for="a test", created=NOW))
        self.key.chmod(0o600)
        self.extra = ""
        self.around = Surroundings(
            configuration=lambda: parse_config(self.config(), file=folder / "vault.toml"),
            host=lambda _: Host(find=lambda: ()),
            environment={},
            now=lambda: NOW,
            given=KeyPlaces(file=self.key),
            free=lambda _: 10**12,
        )

    def create(self) -> CreatedVault:
        slots = [NewSlot.of(name, self.identity) for name in ("device", "recovery")]
        return create_vault(self.sink, slots=slots, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def config(self) -> str:
        return f'[sink]\ntype = "local"\npath = "vault"\n[state]\npath = "state"\n{self.extra}'

    def checks(self, **changes: object) -> list[Check]:
        return list(doctor(replace(self.around, **changes)))  # type: ignore[arg-type]

    def faults(self, **changes: object) -> list[Check]:
        return [each for each in self.checks(**changes) if not each.ok]

    def back_up(self, made: CreatedVault) -> Vault:
        memory = MemoryVault()
        memory.vault = Vault(self.sink, made.bundle, memory.vault.database)
        memory.back_up(FakeSource([FakeChat([said(1, "a")])]))
        return memory.vault


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def named(checks: list[Check], name: str) -> list[Check]:
    return [each for each in checks if each.name == name]


def test_a_vault_that_is_well_has_no_faults(place: Place) -> None:
    made = place.create()
    place.extra = f'[vault]\nid = "{made.bundle.vault_id}"\nfingerprint = "{made.bundle.fingerprint}"\n'
    place.back_up(made)

    checks = place.checks()

    assert Diagnosis.of(checks).ok
    assert [each.name for each in checks] == [
        *("configuration", "plugins", "keyring", "sink", "vault folder", "free space", "objects", "vault.json"),
        *("clock", "slots", "key", "state folder", "free space", "local state", "snapshots", "index"),
    ]
    assert named(checks, "snapshots")[0].detail == "1 in 1 archive"
    assert named(checks, "slots")[0].detail == "`device` (age), `recovery` (age)"


def test_each_source_is_looked_at(place: Place) -> None:
    place.back_up(place.create())
    place.extra = (
        '[sources.desktop]\ntype = "desktop-export"\npath = "exports"\n'
        '[sources.phone]\ntype = "takeout"\napi_id = 12345\n'
        '[sources.typo]\ntype = "takeout"\napi_key = 5\n'
    )

    desktop, phone, typo = (each for each in place.checks() if each.name.startswith("source "))

    assert (desktop.ok, desktop.detail) == (True, "of type `desktop-export`; its settings are right")
    assert (phone.ok, phone.detail) == (False, "nobody is logged in for source `phone`")
    assert "tgvault login phone" in (phone.hint or "")
    assert (typo.ok, "`sources.typo.api_key`" in typo.detail) == (False, True)


def test_each_copy_is_looked_at_also_where_the_vault_is_gone(place: Place) -> None:
    place.extra = '[copies.disk]\ntype = "local"\npath = "d"\n[copies.far]\ntype = "local"\npath = "vault"\n'
    gone = [each for each in place.checks() if each.name.startswith("copy ")]
    place.create()

    disk, far = (each for each in place.checks() if each.name.startswith("copy "))

    assert [each.ok for each in gone] == [False, False]
    assert (disk.ok, far.ok, far.detail) == (False, True, "of type `local`")


def test_nothing_is_written_to_the_vault(place: Place) -> None:
    place.back_up(place.create())
    before = {each.name: place.sink.get(each.name) for each in place.sink.list("")}

    place.checks()

    assert {each.name: place.sink.get(each.name) for each in place.sink.list("")} == before


def test_a_broken_configuration_leaves_plugins_and_keyring_to_look_at(place: Place) -> None:
    def broken() -> None:
        raise ConfigError("it has a mistake", hint="put it right")

    checks = place.checks(configuration=broken)

    assert [(each.name, each.ok) for each in checks] == [("configuration", False), ("plugins", True), ("keyring", True)]
    assert checks[0].hint == "put it right"


def test_a_sink_that_no_plugin_brings_ends_it(place: Place) -> None:
    text = place.config().replace("local", "locall")

    (fault,) = place.faults(configuration=lambda: parse_config(text, file=place.folder / "vault.toml"))

    assert fault.name == "sink"
    assert "locall" in fault.detail


def test_a_broken_plugin_is_told_and_stops_nothing(place: Place) -> None:
    place.create()
    broken = Candidate("broken", "no_such_module_anywhere", "broken-dist", "1.0")

    (fault,) = place.faults(host=lambda _: Host(find=lambda: (broken,)))

    assert fault.name == "plugins"
    assert "no_such_module_anywhere" in fault.detail
    assert fault.hint is not None
    assert "`broken-dist`" in fault.hint


def test_a_folder_that_is_not_there_is_told(place: Place) -> None:
    faults = place.faults()

    assert [each.name for each in faults] == ["vault folder", "objects"]


def test_a_folder_without_a_vault_is_told(place: Place) -> None:
    place.sink.prepare()

    assert [each.name for each in place.faults()] == ["vault.json"]


def test_another_vault_at_the_place_is_told(place: Place) -> None:
    place.create()
    place.extra = f'[vault]\nid = "{"ab" * 16}"\n'

    assert [each.name for each in place.faults()] == ["vault"]


def test_a_vault_without_a_known_fingerprint_gets_advice(place: Place) -> None:
    place.create()

    (advice,) = named(place.checks(), "vault")

    assert advice.ok
    assert advice.hint is not None
    assert "fingerprint" in advice.hint


def test_a_single_key_gets_advice(place: Place) -> None:
    create_vault(place.sink, slots=[NewSlot.of("device", place.identity)], clock=lambda: NOW)

    advice = named(place.checks(), "slots")[-1]

    assert advice.ok
    assert advice.hint is not None
    assert "recovery kit" in advice.hint


def test_a_key_of_another_vault_is_told(place: Place) -> None:
    place.create()
    place.key.write_text(identity_text(Identity.generate(), what_for="another", created=NOW))

    assert [each.name for each in place.faults()] == ["key"]


def test_a_key_file_that_others_can_read_is_told(place: Place) -> None:
    place.create()
    place.key.chmod(0o644)

    faults = place.faults()

    assert {each.name for each in faults} == {"key"}


def test_without_a_key_the_keyring_is_needed(place: Place) -> None:
    place.create()

    assert [each.name for each in place.faults(given=KeyPlaces())] == ["keyring", "key"]


def test_a_damaged_slot_is_told_though_another_opens_the_vault(place: Place) -> None:
    place.create()
    flip_byte(place.sink, ObjectName("keys/recovery.age"), at=30)

    faults = place.faults()

    assert faults
    assert {each.name for each in faults} == {"slots"}
    assert any("keys/recovery.age" in each.detail for each in faults)


def test_a_clock_that_is_behind_is_told(place: Place) -> None:
    place.create()

    (fault,) = place.faults(now=lambda: datetime(2025, 1, 1, tzinfo=UTC))

    assert fault.name == "clock"


def test_little_room_is_told_for_vault_and_state(place: Place) -> None:
    place.create()

    assert [each.name for each in place.faults(free=lambda _: 1000)] == ["free space", "free space"]


def test_a_state_folder_that_others_can_look_into_is_told_and_used(place: Place) -> None:
    place.create()
    (place.folder / "state").mkdir(mode=0o755)
    (place.folder / "state").chmod(0o755)

    checks = place.checks()

    assert [each.name for each in checks if not each.ok] == ["state folder"]
    assert named(checks, "local state")[0].ok


def test_a_state_folder_that_cannot_be_made_is_told_and_the_vault_read_without_it(place: Place) -> None:
    place.back_up(place.create())
    (place.folder / "state").write_text("a file in its way")

    checks = place.checks()

    assert not named(checks, "state folder")[0].ok
    assert named(checks, "snapshots")[0].ok


@pytest.mark.parametrize(("folder", "name"), [("snapshots/", "snapshots"), ("index/", "index")])
def test_a_damaged_object_is_told_under_its_heading(place: Place, folder: str, name: str) -> None:
    place.back_up(place.create())
    (damaged,) = place.sink.list(folder)
    flip_byte(place.sink, damaged.name)

    (fault,) = place.faults()

    assert fault.name == name
    assert damaged.name in fault.detail


def test_packs_that_no_index_lists_are_told_and_are_no_fault(place: Place) -> None:
    place.create()
    place.sink.put(ObjectName(f"packs/ab/{'ab' * 32}.age"), b"left over")

    checks = place.checks()

    assert all(each.ok for each in checks)
    assert named(checks, "leftover packs")[0].detail.startswith("1 pack (9 B)")


def test_packs_of_a_missing_index_object_are_not_called_harmless(place: Place) -> None:
    place.back_up(place.create())
    for each in list(place.sink.list("index/")):
        place.sink.delete(each.name)

    (fault,) = place.faults()

    assert fault.name == "index"
    assert "next backup lists them again" in str(fault.hint)
    (told,) = named(place.checks(), "leftover packs")
    assert "snapshots may need them" in told.detail
    assert "takes over 1 of them" in str(told.hint)


def test_a_key_in_the_environment_needs_no_keyring(place: Place) -> None:
    place.create()

    assert place.faults(given=KeyPlaces(), environment={"TGVAULT_KEY_FILE": str(place.key)}) == []


def test_room_is_measured_where_the_folder_lies(tmp_path: Path) -> None:
    measure: Callable[[Path], int] = free_bytes

    assert measure(tmp_path) > 0
