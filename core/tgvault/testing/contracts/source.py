"""What every source has to hold to."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from time import perf_counter
from typing import TypeAlias

import msgspec
import pytest

from tgvault.contracts.source import Source
from tgvault.errors import HostilePathError
from tgvault.model.findings import Finding
from tgvault.model.records import Chat, Coverage, Document, MediaRef, Message, Record, Span

__all__ = ["MakeSource", "SourceContract"]

#: Makes one more instance for the same place.
MakeSource: TypeAlias = Callable[[], Source]

_SPAWN = get_context("spawn")


class SourceContract:
    """Subclass it as `Test…` and override the fixture `make_source`; what that gives must survive pickling.

    Have it read a small place, of under 10 MB, with at least one chat and one media file.
    """

    @pytest.fixture
    def source(self, make_source: MakeSource) -> Iterator[Source]:
        """An instance for one test."""
        source = make_source()
        yield source
        source.close()

    @pytest.fixture
    def records(self, source: Source) -> list[Record | Finding]:
        """Everything that the source yields, after `info` and `media` as the engine calls them."""
        source.info()
        list(source.media())
        return list(source.records(every_seventh))

    def test_it_names_the_type_of_its_configuration(self, source: Source) -> None:
        """`config` is a msgspec struct, so that `vault.toml` is checked before anything runs."""
        assert issubclass(type(source).config, msgspec.Struct)

    def test_info_says_what_and_when(self, source: Source) -> None:
        """The time is aware and in UTC, if there is one."""
        info = source.info()

        assert info.form
        assert info.location
        assert info.bytes_total >= 0
        assert info.observed_at is None or info.observed_at.utcoffset() == timedelta(0)

    def test_info_of_an_unchanged_source_is_the_same_again(self, source: Source, make_source: MakeSource) -> None:
        """An equal fingerprint lets the engine skip reading; one that always changes is of no use."""
        other = make_source()

        assert source.info() == other.info()
        other.close()

    def test_info_is_cheap(self, source: Source) -> None:
        """Under a second for a small place: it is called to ask a question, not to read."""
        begun = perf_counter()

        source.info()

        assert perf_counter() - begun < 1

    def test_there_is_something_to_read(self, records: list[Record | Finding]) -> None:
        """A suite that runs on an empty source shows nothing."""
        assert any(isinstance(each, Chat) for each in records)
        assert any(isinstance(each, Message | Span) for each in records)

    def test_reading_again_yields_the_same(self, records: list[Record | Finding], make_source: MakeSource) -> None:
        """Nothing depends on the instance or the hour."""
        other = make_source()
        other.info()

        assert list(other.records(every_seventh)) == records
        other.close()

    def test_records_can_be_sent_to_another_process(self, records: list[Record | Finding]) -> None:
        """The engine sends spans, and may send the rest."""
        assert pickle.loads(pickle.dumps(records)) == records  # noqa: S301

    def test_spans_are_read_alike_in_another_process(
        self, source: Source, records: list[Record | Finding], make_source: MakeSource
    ) -> None:
        """By an instance that has read nothing else, last span first."""
        spans = [each for each in records if isinstance(each, Span)][::-1]

        with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
            elsewhere = pool.submit(expand, make_source, spans).result()

        assert elsewhere == [(list(source.expand(span)), source.raw(span)) for span in spans]

    def test_spans_begin_with_the_message_that_they_tell(self, source: Source, records: list[Record | Finding]) -> None:
        """The engine joins spans by it without reading them."""
        for span in (each for each in records if isinstance(each, Span) and each.first is not None):
            ids = [each.id for each in source.expand(span) if isinstance(each, Message)]
            assert ids[:1] in ([], [span.first])

    def test_messages_and_coverage_follow_their_chat(self, records: list[Record | Finding]) -> None:
        """Never before the first chat, never after a document."""
        inside = False
        for each in records:
            if isinstance(each, Chat | Document):
                inside = isinstance(each, Chat)

            assert inside or not isinstance(each, Message | Span | Coverage)

    def test_no_two_chats_have_the_same_key(self, records: list[Record | Finding]) -> None:
        """Two under one key would be united."""
        keys = [each.key for each in records if isinstance(each, Chat)]

        assert len(keys) == len(set(keys))

    def test_ids_ascend_within_a_chat(self, source: Source, records: list[Record | Finding]) -> None:
        """Where the source has ids, and a span does not say that it is unordered."""
        for chat in _chats(records):
            if any(isinstance(each, Span) and not each.ordered for each in chat):
                continue
            ids = [each.id for each in _messages(source, chat) if each.id is not None]

            assert ids == sorted(set(ids))

    def test_bodies_are_json_objects_on_one_line(self, source: Source, records: list[Record | Finding]) -> None:
        """They are kept as lines, and found again by the id in them."""
        for message in _messages(source, records):
            assert b"\n" not in message.body
            fields = msgspec.json.decode(message.body, type=dict[str, msgspec.Raw])
            assert message.id is None or bytes(fields["id"]) == b"%d" % message.id

    def test_documents_are_json_and_each_has_a_name_of_its_own(self, records: list[Record | Finding]) -> None:
        """Any JSON value."""
        documents = [each for each in records if isinstance(each, Document)]

        assert len({each.name for each in documents}) == len(documents)
        for each in documents:
            msgspec.json.decode(each.body)

    def test_coverage_runs_upwards(self, records: list[Record | Finding]) -> None:
        """Both ends are included."""
        assert all(each.first <= each.last for each in records if isinstance(each, Coverage))

    def test_media_can_be_opened_and_have_the_size_that_was_said(self, source: Source) -> None:
        """Each file is listed once."""
        source.info()
        listed = list(source.media())

        assert len({each.name for each in listed}) == len(listed)
        for each in listed:
            opened = source.open_media(each.name)
            with opened.file as file:
                assert len(file.read()) == opened.size == each.size

    def test_media_are_opened_alike_in_another_process(self, source: Source, make_source: MakeSource) -> None:
        """By an instance of which nothing else was asked."""
        source.info()
        listed = list(source.media())

        with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
            sizes = pool.submit(media_sizes, make_source, [each.name for each in listed]).result()

        assert sizes == {each.name: each.size for each in listed}

    def test_a_media_reference_names_a_file_or_says_why_not(
        self, source: Source, records: list[Record | Finding]
    ) -> None:
        """And what it names can be opened, or is missing in an ordinary way."""
        for reference in _references(source, records):
            assert (reference.name is None) == (reference.missing is not None)
            if reference.name is None:
                continue
            try:
                source.open_media(reference.name).file.close()
            except FileNotFoundError:
                continue

    @pytest.mark.parametrize("name", ["../secret", "a/../../secret", "/etc/passwd", "..", "chats/../../../etc/passwd"])
    def test_a_path_out_of_the_source_is_refused(self, source: Source, name: str) -> None:
        """Whether or not there is something at its end."""
        with pytest.raises(HostilePathError):
            source.open_media(name)

    @pytest.mark.parametrize("name", ["", ".", "there/is/no/such/file.jpg", "nul\0byte", "..\\secret", "n" * 5000])
    def test_what_is_not_a_file_of_the_source_is_not_opened(self, source: Source, name: str) -> None:
        """Folders and nonsense included."""
        with pytest.raises((FileNotFoundError, HostilePathError)):
            source.open_media(name)


def every_seventh(ids: Sequence[int]) -> list[int]:
    """Say that a segment starts with every id that seven divides."""
    return [place for place, number in enumerate(ids) if number % 7 == 0]


def expand(make_source: MakeSource, spans: list[Span]) -> list[tuple[list[Message | Finding], bytes | None]]:
    """Read spans and their bytes with an instance of its own; runs in a process of its own."""
    source = make_source()
    try:
        return [(list(source.expand(span)), source.raw(span)) for span in spans]
    finally:
        source.close()


def media_sizes(make_source: MakeSource, names: list[str]) -> dict[str, int]:
    """Open files with an instance of its own; runs in a process of its own."""
    source = make_source()
    sizes = {}
    for name in names:
        opened = source.open_media(name)
        with opened.file as file:
            sizes[name] = len(file.read())
    source.close()
    return sizes


def _chats(records: list[Record | Finding]) -> Iterator[list[Record | Finding]]:
    """Split where a chat or a document begins."""
    part: list[Record | Finding] = []
    for each in records:
        if isinstance(each, Chat | Document):
            yield part
            part = []
        part.append(each)
    yield part


def _messages(source: Source, records: list[Record | Finding]) -> Iterator[Message]:
    for each in records:
        if isinstance(each, Message):
            yield each
        elif isinstance(each, Span):
            yield from (found for found in source.expand(each) if isinstance(found, Message))


def _references(source: Source, records: list[Record | Finding]) -> Iterator[MediaRef]:
    for document in records:
        if isinstance(document, Document):
            yield from document.media
    for message in _messages(source, records):
        yield from message.media
