"""Finding out whether two sinks lead to one place."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

import pytest

from tgvault.contracts.sink import Sink
from tgvault.engine.same_place import seen_from
from tgvault.errors import SinkUnavailableError
from tgvault.folders.sink import FolderSink

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> FolderSink:
    sink = FolderSink(tmp_path / "place")
    sink.prepare()
    return sink


def folder(path: Path) -> FolderSink:
    sink = FolderSink(path)
    sink.prepare()
    return sink


def test_the_first_place_that_has_what_was_put_is_named_and_nothing_stays(place: FolderSink, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "place")
    others = {name: partial(folder, tmp_path / name) for name in ("apart", "link", "place")}

    assert seen_from(others, place, now=NOW) == "link"
    assert list(place.list("")) == []


def test_places_that_are_apart_away_or_silent_are_others(place: FolderSink, tmp_path: Path) -> None:
    never = Event()

    def silent() -> Sink:
        never.wait()
        raise AssertionError

    others = {"apart": partial(folder, tmp_path / "apart"), "away": lambda: FolderSink(tmp_path / "no"), "mute": silent}

    found = seen_from(others, place, now=NOW, patience=0.2)

    assert found is None
    assert list(place.list("")) == []
    never.set()


def test_a_place_that_takes_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(SinkUnavailableError):
        seen_from({}, FolderSink(tmp_path / "no"), now=NOW)
