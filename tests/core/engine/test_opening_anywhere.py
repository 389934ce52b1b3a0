"""Reading a vault from its copies, where its own place is away or not whole."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from anywhere_support import Home, contents, latest
from restore_support import files_below
from run_support import Held, Script, Talk, said, shown, talk
from tgvault.contracts.sink import ObjectName, Sink, StoredObject
from tgvault.engine.anywhere import AnywhereSink, SinkPlace
from tgvault.engine.places import SinkPlaces, unlock_anywhere
from tgvault.engine.progress import NullProgress
from tgvault.engine.repairing import repair
from tgvault.engine.restoring import RestoreOptions, restore
from tgvault.engine.verifying import Level, VerifyReport, verify
from tgvault.errors import (
    CredentialError,
    HiddenSnapshotError,
    NotAVaultError,
    RolledBackError,
    SinkUnavailableError,
    UnsupportedFormatError,
    WrongKeyError,
)
from tgvault.keys.unlock import Unlocked
from tgvault.testing import MemorySink
from tgvault.vault.header import HEADER
from tgvault_plugins.local.sink import LocalSink
from vault_support import START

FILES = {f"c/{number}.jpg": bytes([number]) * 40_000 for number in range(1, 5)}


def script(*texts: str) -> Script:
    """A chat with these texts, and a photo for each."""
    files = dict(list(FILES.items())[: len(texts)])
    photos = [shown(100 + number, name) for number, name in enumerate(files)]
    return Script([Talk([*(said(number, text) for number, text in enumerate(texts, 1)), *photos])], files=files)


@pytest.fixture
def house(tmp_path: Path) -> Home:
    """A vault with three snapshots, and two whole copies of it."""
    house = Home(tmp_path, "disk", "nas")
    for number in range(1, 4):
        house.back_up(script(*"abc"[:number]))
    house.copy()
    return house


def whole(house: Home) -> Held:
    with house.reading() as reading:
        assert reading.instead is None
        return latest(reading)


def damage(path: Path, chance: random.Random) -> None:
    data = path.read_bytes()
    match chance.randrange(4):
        case 0:
            path.unlink()
        case 1:
            path.write_bytes(data[: len(data) // 2])
        case 2:
            at = chance.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        case _:
            other = chance.choice([each for each in path.parent.parent.rglob("*.age") if each != path])
            path.write_bytes(other.read_bytes())


def verified(house: Home, name: str | None = None, *, level: Level = Level.DATA) -> VerifyReport:
    with house.place(name) as opened:
        return verify(opened, level=level, sample=1.0, jobs=0, now=lambda: START, progress=NullProgress())


@pytest.mark.parametrize("seed", range(12))
def test_everything_is_read_as_long_as_each_object_is_whole_somewhere(house: Home, seed: int) -> None:
    chance = random.Random(seed)
    before = whole(house)
    places = ["vault", "disk", "nas"]
    for name in house.contents("vault"):
        kept = chance.choice(places)
        for each in places:
            if each != kept and chance.random() < 0.7:
                damage(house.folder / each / name, chance)

    with house.reading() as reading:
        assert latest(reading) == before


@pytest.mark.parametrize("jobs", [0, 2])
@pytest.mark.parametrize("loss", ["packs", "place"])
def test_a_restore_is_the_same_with_workers_too(house: Home, tmp_path: Path, loss: str, jobs: int) -> None:
    targets = []
    for number in range(2):
        if number == 1 and loss == "packs":
            for name in house.names("vault", "packs/"):
                (house.folder / "vault" / name).write_bytes(b"x")
        elif number == 1:
            house.lose("vault")
        with house.reading() as reading:
            options = RestoreOptions(tmp_path / f"out{number}")
            report = restore(
                reading.opened,
                reading.snapshots[-1],
                options,
                jobs=jobs,
                now=lambda: START,
                progress=NullProgress(),
            )
            assert report.findings == []
            targets.append(files_below(options.target))
            taken = dict(reading.sink.taken)

    assert targets[0] == targets[1]
    assert bool(taken) == (loss == "packs")


@pytest.mark.parametrize("prefix", ["snapshots/", "marks/", "index/"])
def test_a_place_that_gives_the_keys_and_no_list_is_away(
    house: Home, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    before = whole(house)
    listed = LocalSink.list

    def unlisted(sink: LocalSink, wanted: str) -> Iterator[StoredObject]:
        if wanted == prefix and sink._root == house.folder / "vault":
            raise SinkUnavailableError("it does not answer any more")
        return listed(sink, wanted)

    monkeypatch.setattr(LocalSink, "list", unlisted)
    with house.reading() as reading:
        assert latest(reading) == before

    assert reading.instead is not None
    assert reading.instead.is_away
    assert reading.sink.away.keys() == {"primary"}


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_place_that_goes_away_in_the_midst_of_a_restore_costs_nothing(house: Home, tmp_path: Path, jobs: int) -> None:
    with house.reading() as reading:
        house.lose("vault")
        report = restore(
            reading.opened,
            reading.snapshots[-1],
            RestoreOptions(tmp_path / "out"),
            jobs=jobs,
            now=lambda: START,
            progress=NullProgress(),
        )
        away = dict(reading.sink.away)

    assert report.findings == []
    assert sorted(files_below(tmp_path / "out").values()) == sorted(FILES[name] for name in list(FILES)[:3])
    assert list(away) == ["primary"]


def test_a_place_that_is_away_is_named_and_what_is_known_of_it_stays(house: Home) -> None:
    before = whole(house)
    with house.state() as database:
        known = contents(database)
    house.lose("vault")

    with house.reading() as reading:
        assert reading.instead is not None
        assert reading.instead.is_away
        assert isinstance(reading.instead.reason, SinkUnavailableError)
        assert reading.instead.copies == ("disk", "nas")
        assert reading.instead.missing == 0
        assert latest(reading) == before
    with house.state() as database:
        assert contents(database) == known
    house.find("vault")
    assert whole(house) == before


def test_a_copy_that_is_older_gives_what_it_has_and_says_what_it_lacks(house: Home) -> None:
    house.copy("disk")
    with house.reading() as reading:
        third = latest(reading)
    house.back_up(script("a", "b", "c", "d"))
    newest = whole(house)
    house.lose("vault", "nas")

    with house.reading() as reading:
        assert reading.instead is not None
        assert reading.instead.missing == 1
        assert reading.instead.copies == ("disk",)
        assert latest(reading) == third
    house.find("vault", "nas")
    assert whole(house) == newest


def test_where_everything_is_away_the_vaults_own_place_says_why(house: Home) -> None:
    house.lose("vault", "disk", "nas")

    with pytest.raises(SinkUnavailableError, match="/vault`"), house.reading():
        pass


def test_snapshots_that_are_nowhere_are_an_error_as_without_copies(house: Home) -> None:
    for place in ("vault", "disk", "nas"):
        for name in house.names(place, "snapshots/")[-1:]:
            (house.folder / place / name).unlink()

    with pytest.raises(RolledBackError), house.reading():
        pass
    with house.reading(accept_missing=True) as reading:
        assert reading.instead is None
        assert len(reading.snapshots) == 2


def test_without_copies_all_is_as_it_was(tmp_path: Path) -> None:
    house = Home(tmp_path)
    for text in "ab":
        house.back_up(Script([talk({1: text})]))
    (house.folder / "vault" / house.names("vault", "snapshots/")[0]).unlink()

    with pytest.raises(HiddenSnapshotError), house.reading():
        pass


def test_a_lost_index_is_read_from_a_copy_and_no_pack_is_opened_for_it(house: Home) -> None:
    before = whole(house)
    for name in house.names("vault", "index/"):
        (house.folder / "vault" / name).unlink()

    with house.reading() as reading:
        assert reading.instead is not None
        assert not reading.instead.is_away
        assert latest(reading) == before
    with house.state() as database:
        assert database.run("SELECT count(*) FROM pack WHERE NOT listed") == [(0,)]


@pytest.mark.parametrize("lost", [HEADER, "keys/anna.age"])
def test_what_opens_the_vault_is_taken_from_a_copy_and_everything_else_is_not(house: Home, lost: str) -> None:
    before = whole(house)
    (house.folder / "vault" / lost).unlink()
    notices: list[str] = []

    with house.reading(notices) as reading:
        assert reading.instead is None
        assert latest(reading) == before
    assert len(notices) == 1
    assert "opened as `disk` has it" in notices[0]


def test_an_empty_place_is_one_that_is_away(house: Home) -> None:
    before = whole(house)
    house.lose("vault")
    (house.folder / "vault").mkdir()

    with house.reading() as reading:
        assert reading.instead is not None
        assert reading.instead.is_away
        assert latest(reading) == before
    with pytest.raises(NotAVaultError) as caught, house.place():
        pass
    assert "not mounted" in str(caught.value.hint)


def test_a_wrong_key_is_told_and_no_copy_is_asked(house: Home, tmp_path: Path) -> None:
    house.lose("disk")
    (tmp_path / "other").mkdir()
    stranger = Home(tmp_path / "other")
    shutil.copy(stranger.folder / "key", house.folder / "key")

    with pytest.raises(WrongKeyError), house.reading():
        pass


def test_a_credential_that_is_lacking_for_the_vaults_own_place_is_told_and_a_copy_read(
    house: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole(house)
    make = SinkPlaces.make

    def refuse(places: SinkPlaces, name: str) -> Sink:
        if name == "primary":
            raise CredentialError("nothing says who comes")
        return make(places, name)

    monkeypatch.setattr(SinkPlaces, "make", refuse)

    with house.reading() as reading:
        assert reading.instead is not None
        assert isinstance(reading.instead.reason, CredentialError)
        assert latest(reading) == before


def test_a_place_that_does_not_answer_is_waited_for_only_once_and_not_for_long(house: Home) -> None:
    never = Event()

    class Silent(MemorySink):
        def size(self, name: ObjectName) -> int:
            never.wait()
            return 0

    places = [SinkPlace("primary", Silent), SinkPlace("disk", lambda: house.sink("disk"))]
    asked: list[Sink] = []

    def unlock(sink: Sink) -> Unlocked:
        asked.append(sink)
        return cast("Unlocked", None)

    try:
        with closing(AnywhereSink(places)) as sink:
            found = unlock_anywhere(sink, unlock, patience=0.1)
    finally:
        never.set()

    assert found.place.name == "disk"
    assert len(asked) == 1
    assert "did not answer within" in str(sink.away["primary"])


def test_a_vault_of_a_newer_tgvault_is_not_read_from_an_older_copy(house: Home) -> None:
    header = house.folder / "vault" / HEADER
    header.write_text(header.read_text().replace('"format":1', '"format":9'))

    with pytest.raises(UnsupportedFormatError), house.reading():
        pass


def test_a_copy_is_verified_like_the_vault_itself(house: Home) -> None:
    assert verified(house, "disk").problems == []
    broken = house.names("disk", "packs/")[0]
    (house.folder / "disk" / broken).write_bytes(b"x")

    report = verified(house, "disk")

    assert [each.object for each in report.problems if each.object.startswith("packs/")] == [broken]
    assert verified(house).problems == []


def test_what_is_known_of_a_copy_is_its_own(house: Home) -> None:
    house.copy("disk")
    house.back_up(script("a", "b", "c", "d"))
    with house.state() as database:
        known = contents(database)

    assert verified(house, "disk").problems == []
    with house.state() as database:
        assert contents(database)[:5] == known[:5]


@pytest.mark.parametrize("lost", [HEADER, "keys/anna.age", "index/"])
def test_a_place_is_repaired_whatever_it_has_lost(house: Home, lost: str) -> None:
    gone = house.names("vault", lost)
    for name in gone:
        (house.folder / "vault" / name).unlink()

    report = verified(house)
    assert report.problems
    with house.place() as opened:
        damaged = {each.object for each in report.problems}
        others = {"disk": lambda: house.sink("disk")}
        repaired = repair(opened.vault.sink, others, damaged, house.keys, away=lambda *_: None)

    assert sorted(each.object for each in repaired) == gone
    assert verified(house).problems == []


def test_a_place_that_is_away_cannot_be_verified(house: Home) -> None:
    house.lose("vault")

    with pytest.raises(SinkUnavailableError), house.place():
        pass
    assert verified(house, "disk").problems == []
