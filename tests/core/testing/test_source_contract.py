"""The contract of sources passes a good one and catches those that break their word."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

_SOURCES = """
import io
from datetime import datetime, timezone
from functools import partial
import msgspec
import pytest
from tgvault.api import (
    Chat, ChatKind, Coverage, Document, HostilePathError, MediaFile, MediaRef, Message, OpenedMedia, SourceInfo, Span,
    chat_key,
)
from tgvault.testing import NoConfig
from tgvault.testing.contracts import SourceContract

class Good:
    config = NoConfig
    ids = (1, 2, 5)
    files = {"a.jpg": b"photo"}

    def info(self):
        return SourceInfo("test", "here", observed_at=datetime(2024, 1, 1, tzinfo=timezone.utc))

    def media(self):
        return iter([MediaFile(name, len(data)) for name, data in self.files.items()])

    def records(self, starts):
        yield Document("contacts", b"[]")
        yield Chat(chat_key(ChatKind.USER, 5), ChatKind.USER, 5, "personal_chat", "Ben")
        for id in self.ids:
            yield self.message(id)
        yield Span(b"6", 10)
        yield Coverage(1, 6)

    def raw(self, span):
        return span.token

    def expand(self, span):
        yield self.message(int(span.token))

    def message(self, id):
        return Message(id, b'{"id":%d}' % id, (MediaRef("photo", "a.jpg"), MediaRef("file", None, "too big")))

    def open_media(self, name):
        if ".." in name.split("/") or name.startswith("/"):
            raise HostilePathError(f"`{name}` leads out of the source")
        if name not in self.files:
            raise FileNotFoundError(name)
        return OpenedMedia(io.BytesIO(self.files[name]), len(self.files[name]))

    def close(self):
        pass

class Descends(Good):
    ids = (2, 1, 5)

class BreaksLines(Good):
    def message(self, id):
        return Message(id, b'{\\n"id":1}')

class FollowsAnyPath(Good):
    def open_media(self, name):
        return OpenedMedia(io.BytesIO(b"secret"), 6)

class LiesAboutSizes(Good):
    def media(self):
        yield MediaFile("a.jpg", 99)

class BeginsWithAMessage(Good):
    def records(self, starts):
        yield self.message(1)
        yield from super().records(starts)

class CannotBePickled(Good):
    def records(self, starts):
        yield from super().records(starts)
        yield lambda: None

class ExpandsOnlyWhatItRead(Good):
    read = False

    def records(self, starts):
        self.read = True
        return super().records(starts)

    def expand(self, span):
        return super().expand(span) if self.read else iter(())

class TestOne(SourceContract):
    @pytest.fixture
    def make_source(self):
        return SOURCE
"""

_CAUGHT_BY = {
    "Descends": "test_ids_ascend_within_a_chat",
    "BreaksLines": "test_bodies_are_json_objects_on_one_line",
    "FollowsAnyPath": "test_a_path_out_of_the_source_is_refused",
    "LiesAboutSizes": "test_media_can_be_opened_and_have_the_size_that_was_said",
    "BeginsWithAMessage": "test_messages_and_coverage_follow_their_chat",
    "CannotBePickled": "test_records_can_be_sent_to_another_process",
    "ExpandsOnlyWhatItRead": "test_spans_are_read_alike_in_another_process",
}


@pytest.fixture
def outcomes_of(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> object:
    # Worker processes find the module with the source by its name.
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))

    def run(source: str, *arguments: str) -> dict[str, int]:
        pytester.makepyfile(test_it=_SOURCES.replace("SOURCE", source))
        return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider", *arguments).parseoutcomes()

    return run


def test_a_good_source_passes(outcomes_of) -> None:
    outcomes = outcomes_of("Good")

    assert set(outcomes) == {"passed"}


@pytest.mark.parametrize(("broken", "test"), _CAUGHT_BY.items())
def test_a_source_that_breaks_its_word_is_caught(outcomes_of, broken: str, test: str) -> None:
    outcomes = outcomes_of(broken, "-k", test)

    assert outcomes.get("failed", 0) >= 1
