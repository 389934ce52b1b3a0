from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blob_support import ROW_CUTS, SEGMENT_CUTS, SMALL_CUTS, MemoryBlobs, all_lines
from tgvault.archive.cuts import Cuts
from tgvault.archive.entries import ChatEntry, Gone, Past, Seen, parse_history
from tgvault.archive.lists import Ref, cut, leaves, read_leaf
from tgvault.archive.merging import ChatMerge, ChatNumbers, Observation
from tgvault.archive.segments import Media, message_line, parse_segment, parse_stored
from tgvault.errors import AccountMismatchError
from tgvault.model.policy import Policy
from tgvault.model.records import ChatKey, ChatKind

EMPTY = ChatEntry(
    key=ChatKey("user:5"), kind=ChatKind.USER, id=5, type=None, title="Ben", username=None, opening="", closing=""
)
HEX = "ab" * 32


def at(hour: int) -> str:
    """A time; hours ascend as the texts do."""
    return f"2026-01-01T{hour:02}:00:00Z"


def body(number: int, text: str, *, edited: int = 0, date: int | None = None) -> bytes:
    fields: dict[str, object] = {"id": number, "date_unixtime": str(number + 1000 if date is None else date)}
    if edited:
        fields["edited_unixtime"] = str(edited)
    return json.dumps({**fields, "text": text}, separators=(",", ":")).encode()


@dataclass
class Chat:
    """A chat of an archive, and merging into it."""

    cuts: Cuts = SEGMENT_CUTS
    policy: Policy = Policy.KEEP
    entry: ChatEntry = EMPTY
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    last: Observation | None = None

    def refs(self, messages: Mapping[int, str | bytes], media: Mapping[int, dict[str, Media]] = {}) -> list[Ref]:
        lines = (
            message_line(number, body(number, text) if isinstance(text, str) else text, media.get(number, {}))
            for number, text in sorted(messages.items())
        )
        return list(cut(lines, self.blobs, self.cuts))

    def observe(
        self,
        messages: Mapping[int, str | bytes],
        hour: int,
        *,
        covered: Sequence[tuple[int, int]] = (),
        dropped: Iterable[int] = (),
        removed: Iterable[int] = (),
        media: Mapping[int, dict[str, Media]] = {},
    ) -> ChatNumbers:
        """Merge what was seen at that hour."""
        refs = self.refs(messages, media)
        return self.merge(Observation(refs, at(hour), tuple(covered), frozenset(dropped), frozenset(removed)))

    def merge(self, seen: Observation) -> ChatNumbers:
        merge = ChatMerge(
            self.entry,
            source=self.blobs,
            store=self.blobs,
            segment_cuts=self.cuts,
            row_cuts=ROW_CUTS,
            policy=self.policy,
        )
        self.entry = merge.merge(seen, last=self.last)
        self.last = seen
        return merge.numbers

    def live(self) -> dict[int, str]:
        """The newest texts."""
        lines = all_lines(self.entry.messages, self.blobs, parse_segment)
        return {parse_stored(line).id: json.loads(parse_stored(line).body)["text"] for line in lines}

    def media(self) -> dict[int, dict[str, Media]]:
        lines = all_lines(self.entry.messages, self.blobs, parse_segment)
        return {parse_stored(line).id: parse_stored(line).media for line in lines}

    def past(self) -> dict[int, Past]:
        refs = leaves(self.entry.history, self.blobs)
        return {past.id: past for ref in refs for past in parse_history(read_leaf(ref, self.blobs))}

    def gone(self) -> dict[int, Gone]:
        return {number: past.gone for number, past in self.past().items() if past.gone is not None}

    def earlier(self, number: int) -> list[str]:
        past = self.past().get(number)
        return [json.loads(bytes(version.body))["text"] for version in past.versions] if past else []


@pytest.fixture
def chat() -> Chat:
    return Chat()


def test_the_first_observation_is_taken_as_it_stands(chat: Chat) -> None:
    numbers = chat.observe({1: "a", 2: "b"}, 1, covered=[(1, 2)])

    assert chat.live() == {1: "a", 2: "b"}
    assert (numbers, chat.entry.gone) == (ChatNumbers(new=2), 0)
    assert chat.entry.observed == (Seen(1, 2, at(1)),)
    assert chat.entry.coverage == (Seen(1, 2, at(1)),)


def test_new_segments_are_not_read() -> None:
    chat = Chat(SMALL_CUTS)

    chat.observe(dict.fromkeys(range(200), "a"), 1)

    assert chat.blobs.loaded == []


def test_a_newer_observation_adds_what_is_new(chat: Chat) -> None:
    chat.observe({1: "a", 3: "c"}, 1)

    numbers = chat.observe({2: "b", 3: "c", 4: "d"}, 2)

    assert chat.live() == {1: "a", 2: "b", 3: "c", 4: "d"}
    assert numbers == ChatNumbers(new=2)


def test_an_edit_keeps_the_earlier_text(chat: Chat) -> None:
    chat.observe({1: "a"}, 1)

    numbers = chat.observe({1: "b"}, 2)

    assert (chat.live(), chat.earlier(1), numbers) == ({1: "b"}, ["a"], ChatNumbers(edited=1))
    assert chat.past()[1].versions[0].seen == at(1)


def test_an_older_observation_gives_an_earlier_text(chat: Chat) -> None:
    chat.observe({1: "b"}, 3)
    chat.observe({1: "c"}, 4)

    chat.observe({1: "a"}, 2)

    assert (chat.live(), chat.earlier(1)) == ({1: "c"}, ["a", "b"])


def test_the_time_of_the_edit_goes_before_the_time_of_the_observation(chat: Chat) -> None:
    """The date of a file that was copied may be anything."""
    chat.observe({1: body(1, "late", edited=5000)}, 1)

    chat.observe({1: body(1, "early", edited=4000)}, 2)

    assert (chat.live(), chat.earlier(1)) == ({1: "late"}, ["early"])


def test_what_changes_without_an_edit_is_replaced(chat: Chat) -> None:
    chat.observe({1: body(1, "a")}, 1)

    numbers = chat.observe({1: body(1, "a")[:-1] + b',"reactions":[1]}'}, 2)

    assert numbers == ChatNumbers(updated=1)
    assert chat.entry.history is None
    assert b"reactions" in all_lines(chat.entry.messages, chat.blobs, parse_segment)[0].data


def test_an_older_observation_without_an_edit_changes_nothing(chat: Chat) -> None:
    newer = body(1, "a")[:-1] + b',"reactions":[1]}'
    chat.observe({1: newer}, 2)
    before = chat.entry.messages

    numbers = chat.observe({1: body(1, "a")}, 1)

    assert (chat.entry.messages, chat.entry.history, numbers) == (before, None, ChatNumbers())


def test_a_message_gone_from_a_covered_range_is_marked_and_kept(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b", 3: "c"}, 1)

    numbers = chat.observe({1: "a", 3: "c"}, 2, covered=[(1, 3)])

    assert chat.live() == {1: "a", 3: "c"}
    assert (chat.gone(), chat.earlier(2)) == ({2: Gone(at(1), at(2))}, ["b"])
    assert (numbers, chat.entry.gone) == (ChatNumbers(gone=1), 1)


def test_a_few_edits_far_apart_have_nothing_read_in_between() -> None:
    chat = Chat(SMALL_CUTS)
    chat.observe(dict.fromkeys(range(1000), "a"), 1)
    chat.blobs.loaded.clear()

    chat.observe({3: "b", 996: "c", 1001: "d"}, 2)

    assert (len(chat.blobs.loaded) < 30, len(chat.live())) == (True, 1001)
    assert (chat.live()[3], chat.live()[996], chat.earlier(996)) == ("b", "c", ["a"])


def test_a_message_that_the_source_knows_to_be_gone_is_marked_though_nothing_else_was_seen(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b", 3: "c"}, 1, covered=[(1, 3)])

    numbers = chat.observe({4: "d"}, 2, removed=[2, 9])

    assert chat.live() == {1: "a", 3: "c", 4: "d"}
    assert (chat.gone(), chat.earlier(2), numbers.gone) == ({2: Gone(at(1), at(2))}, ["b"], 1)
    assert chat.entry.coverage == (Seen(1, 3, at(1)),)


def test_a_message_known_to_be_gone_is_marked_though_the_archive_saw_it_by_a_clock_that_was_ahead(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b"}, 5, covered=[(1, 2)])

    chat.observe({}, 2, removed=[2])

    assert (chat.live(), chat.gone()) == ({1: "a"}, {2: Gone(at(5), at(5))})


def test_what_only_an_older_observation_knows_beyond_the_schema_stays(chat: Chat) -> None:
    newer = body(1, "a")[:-1] + b',"reactions":[1]'
    chat.observe({1: body(1, "a")[:-1] + b',"api":{"views":5}}'}, 1)

    chat.observe({1: newer + b"}"}, 2)

    (line,) = all_lines(chat.entry.messages, chat.blobs, parse_segment)
    assert parse_stored(line).body == newer + b',"api":{"views":5}}'


@pytest.mark.parametrize("covered", [[], [(3, 9)], [(1, 1), (3, 3)]])
def test_a_message_absent_from_a_range_that_was_not_seen_whole_stays(
    chat: Chat, covered: list[tuple[int, int]]
) -> None:
    chat.observe({1: "a", 2: "b", 3: "c"}, 1)

    chat.observe({1: "a", 3: "c"}, 2, covered=covered)

    assert (chat.live(), chat.gone()) == ({1: "a", 2: "b", 3: "c"}, {})


def test_everything_may_be_gone(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b"}, 1)

    chat.observe({}, 2, covered=[(1, 9)])

    assert (chat.live(), set(chat.gone()), chat.entry.messages) == ({}, {1, 2}, None)


def test_a_message_that_a_transform_dropped_is_not_gone(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b", 3: "c"}, 1)

    chat.observe({1: "a", 3: "c"}, 2, covered=[(1, 3)], dropped=[2])

    assert (chat.live(), chat.gone()) == ({1: "a", 2: "b", 3: "c"}, {})


def test_a_message_that_a_transform_dropped_is_not_gone_when_an_older_observation_brings_it(chat: Chat) -> None:
    chat.observe({1: "a", 3: "c"}, 2, covered=[(1, 3)], dropped=[2])

    chat.observe({1: "a", 2: "b", 3: "c"}, 1)

    assert (chat.live(), chat.gone()) == ({1: "a", 2: "b", 3: "c"}, {})


def test_coverage_has_a_hole_for_each_message_that_was_dropped(chat: Chat) -> None:
    chat.observe({1: "a", 4: "d"}, 1, covered=[(1, 4), (8, 9)], dropped=[2, 4, 6, 8])

    assert chat.entry.coverage == (Seen(1, 1, at(1)), Seen(3, 3, at(1)), Seen(9, 9, at(1)))


def test_coverage_with_too_many_holes_is_not_kept(chat: Chat) -> None:
    """Its rows would cost more than they are worth."""
    chat.observe({1: "a"}, 1, covered=[(1, 1000)], dropped=range(2, 900, 2))

    assert chat.entry.coverage == ()


def test_with_the_policy_mirror_a_gone_message_is_left_out(chat: Chat) -> None:
    chat.policy = Policy.MIRROR
    chat.observe({1: "a", 2: "b"}, 1)
    chat.observe({1: "a", 2: "B"}, 2)

    numbers = chat.observe({1: "a"}, 3, covered=[(1, 2)])

    assert (chat.live(), chat.past(), chat.entry.gone, numbers) == ({1: "a"}, {}, 0, ChatNumbers(gone=1))


def test_with_the_policy_mirror_an_older_observation_does_not_bring_back_what_is_gone(chat: Chat) -> None:
    chat.policy = Policy.MIRROR
    chat.observe({1: "a", 3: "c"}, 2, covered=[(1, 3)])

    numbers = chat.observe({1: "a", 2: "b", 3: "c"}, 1)

    assert (chat.live(), chat.past(), numbers) == ({1: "a", 3: "c"}, {}, ChatNumbers())


def test_a_gone_message_that_is_seen_again_is_back_with_its_earlier_texts(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b"}, 1)
    chat.observe({1: "a"}, 2, covered=[(1, 2)])

    numbers = chat.observe({1: "a", 2: "b2"}, 3)

    assert (chat.live(), chat.gone(), chat.earlier(2)) == ({1: "a", 2: "b2"}, {}, ["b"])
    assert (numbers, chat.entry.gone) == (ChatNumbers(back=1), 0)


def test_an_older_observation_of_a_gone_message_adds_its_text_and_leaves_it_gone(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b"}, 1)
    chat.observe({1: "a"}, 5, covered=[(1, 2)])

    chat.observe({1: "a", 2: "b2"}, 3)

    assert (chat.live(), chat.earlier(2)) == ({1: "a"}, ["b", "b2"])
    assert chat.gone() == {2: Gone(at(3), at(5))}


def test_an_older_observation_shows_that_a_gone_message_was_there_longer(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b"}, 1)
    chat.observe({1: "a"}, 5, covered=[(1, 2)])

    chat.observe({1: "a", 2: "b"}, 3)

    assert (chat.earlier(2), chat.gone()) == (["b"], {2: Gone(at(3), at(5))})


def test_what_only_an_older_observation_has_is_gone_if_a_newer_one_was_complete(chat: Chat) -> None:
    chat.observe({1: "a", 3: "c"}, 2, covered=[(1, 3)])

    numbers = chat.observe({1: "a", 2: "b", 3: "c"}, 1)

    assert (chat.live(), chat.gone(), chat.earlier(2)) == ({1: "a", 3: "c"}, {2: Gone(at(1), at(2))}, ["b"])
    assert (numbers, chat.entry.gone) == (ChatNumbers(gone=1), 1)


def test_what_only_an_older_observation_has_is_new_if_the_newer_one_was_not_complete(chat: Chat) -> None:
    chat.observe({1: "a", 3: "c"}, 2)

    numbers = chat.observe({1: "a", 2: "b", 3: "c"}, 1)

    assert (chat.live(), numbers) == ({1: "a", 2: "b", 3: "c"}, ChatNumbers(new=1))


def test_an_older_complete_observation_says_nothing_of_what_a_newer_one_saw(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b"}, 2)

    chat.observe({1: "a"}, 1, covered=[(1, 2)])

    assert (chat.live(), chat.gone()) == ({1: "a", 2: "b"}, {})


def test_a_missing_file_is_filled_by_an_older_observation_and_stays_filled(chat: Chat) -> None:
    there, not_there = b'{"id":1,"photo":"a.jpg"}', b'{"id":1,"photo":"(File not included.)"}'
    note = {"photo": Media("a.jpg", 3, HEX)}
    chat.observe({1: not_there}, 2)

    numbers = chat.observe({1: there}, 1, media={1: note})
    again = chat.observe({1: not_there}, 3)

    assert numbers.filled == 1
    assert chat.media() == {1: {"photo": msgspec.structs.replace(note["photo"], filled=True)}}
    assert again == ChatNumbers()


def test_ids_of_another_account_are_refused(chat: Chat) -> None:
    """Private chats are numbered by the account."""
    chat.observe({number: body(number, "a", date=5000 + number) for number in range(1, 20)}, 1)
    before = chat.entry

    with pytest.raises(AccountMismatchError, match="message 1 of chat `Ben`") as caught:
        chat.observe({number: body(number, "b", date=9000 + number) for number in range(1, 20)}, 2)

    for way in ("`--archive NAME`", '`archive = "NAME"` in the source\'s table'):
        assert way in str(caught.value.hint)
    assert chat.entry == before


def test_one_message_with_another_date_among_many_equal_ones_is_no_other_account(chat: Chat) -> None:
    chat.observe(dict.fromkeys(range(1, 20), "a"), 1)

    chat.observe({**dict.fromkeys(range(1, 20), "a"), 7: body(7, "b", date=5)}, 2)

    assert (chat.live()[7], chat.earlier(7)) == ("b", ["a"])


def test_one_message_with_another_date_in_a_long_chat_is_no_other_account() -> None:
    """Segments that are equal are not read, and count all the same."""
    chat = Chat(SMALL_CUTS)
    chat.observe(dict.fromkeys(range(1, 200), "a"), 1)

    chat.observe({**dict.fromkeys(range(1, 200), "a"), 7: body(7, "b", date=5)}, 2)

    assert chat.live()[7] == "b"


def test_what_the_last_run_saw_alike_is_not_read_again() -> None:
    chat = Chat(SMALL_CUTS)
    older = dict.fromkeys(range(200), "a")
    edited = {**older, 50: body(50, "late", edited=9000)}
    chat.observe(edited, 1, covered=[(0, 199)])
    chat.observe(older, 2, covered=[(0, 199)])
    chat.blobs.forget_counts()

    chat.observe(older, 3, covered=[(0, 199)])

    assert len(chat.blobs.loaded) < 5
    assert chat.live()[50] == "late"


def test_a_text_that_an_old_file_had_and_that_came_back_is_the_newest(chat: Chat) -> None:
    """The leaf is one that the last run merged too, but as an old one."""
    chat.observe({1: "a"}, 1)
    chat.observe({1: "b"}, 3)
    chat.observe({1: "a"}, 2)

    chat.observe({1: "a"}, 4)

    assert chat.live() == {1: "a"}


def test_a_message_missing_from_a_leaf_that_the_last_run_had_is_gone_once_the_range_is_covered(chat: Chat) -> None:
    chat.observe({1: "a", 2: "b"}, 1, covered=[(1, 2)])
    chat.observe({1: "A"}, 2)

    chat.observe({1: "A"}, 3, covered=[(1, 2)])

    assert (chat.live(), set(chat.gone())) == ({1: "A"}, {2})


def test_a_gone_message_in_a_leaf_that_the_last_run_had_is_back(chat: Chat) -> None:
    chat.observe({1: "a"}, 3, covered=[(1, 2)])
    chat.observe({1: "a", 2: "b"}, 2)

    chat.observe({1: "a", 2: "b"}, 4)

    assert (chat.live(), chat.gone()) == ({1: "a", 2: "b"}, {})


def test_messages_with_ids_make_it_a_chat_with_ids(chat: Chat) -> None:
    chat.entry = msgspec.structs.replace(EMPTY, keyed="position")

    chat.observe({1: "a"}, 1)

    assert chat.entry.keyed == "id"


def test_looking_up_the_past_of_many_messages_reads_each_part_of_it_once() -> None:
    chat = Chat(SEGMENT_CUTS)
    everything = dict.fromkeys(range(2000), "a")
    chat.observe({**everything, 0: "x", 1999: "x"}, 1)
    chat.observe(everything, 2)
    chat.blobs.forget_counts()

    chat.observe({0: "a", 1999: "a"}, 3, covered=[(0, 1999)])

    assert chat.entry.gone == 1998
    assert len(chat.blobs.loaded) < 100


# --- Against a model ---


@dataclass(frozen=True)
class Life:
    """A message as it really was: when it was written, the text it had from each hour on, and when it was deleted."""

    texts: tuple[int, ...]
    deleted: int | None

    def seen(self, number: int, hour: int) -> bytes | None:
        """Its body, as an exporter gives it at that hour."""
        if hour < self.texts[0] or (self.deleted is not None and hour >= self.deleted):
            return None
        since = max(each for each in self.texts if each <= hour)
        return body(number, f"since {since}", edited=10_000 + since if since > self.texts[0] else 0)


@dataclass(frozen=True)
class Look:
    """One look at the chat: at an hour, from one id to another, perhaps only every second message."""

    hour: int
    first: int
    last: int
    complete: bool
    covered: bool

    def sees(self, lives: Mapping[int, Life]) -> dict[int, bytes]:
        found = {number: life.seen(number, self.hour) for number, life in lives.items()}
        return {
            number: each
            for number, each in found.items()
            if each is not None and self.first <= number <= self.last and (self.complete or number % 2)
        }

    def into(self, chat: Chat, lives: Mapping[int, Life]) -> ChatNumbers:
        ranges = [(self.first, self.last)] if self.covered and self.complete else []
        return chat.observe(self.sees(lives), self.hour, covered=ranges)


HOURS = st.integers(0, 20)
LIVES = st.dictionaries(
    st.integers(1, 40),
    st.builds(
        lambda texts, deleted: Life(tuple(sorted(texts)), deleted),
        st.sets(HOURS, min_size=1, max_size=3),
        st.none() | st.integers(8, 21),
    ),
    max_size=25,
)
ENDS = st.tuples(st.integers(0, 41), st.integers(0, 41)).map(sorted)
LOOKS = st.lists(
    st.builds(
        lambda hour, ends, complete, covered: Look(hour, *ends, complete, covered),
        st.integers(1, 20),
        ENDS | st.just([0, 41]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda look: look.hour,
)
EACH_CUTS = st.sampled_from([SMALL_CUTS, SEGMENT_CUTS])


@given(LIVES, LOOKS, EACH_CUTS)
@settings(max_examples=200)
def test_nothing_that_was_seen_is_ever_lost(lives: dict[int, Life], looks: list[Look], cuts: Cuts) -> None:
    chat = Chat(cuts)

    for look in looks:
        look.into(chat, lives)

    live, past = chat.live(), chat.past()
    kept = {(number, text) for number, text in live.items()}
    kept |= {(number, text) for number in past for text in chat.earlier(number)}
    seen = {(number, json.loads(each)["text"]) for look in looks for number, each in look.sees(lives).items()}
    assert kept == seen
    assert live.keys() & chat.gone().keys() == set()


@given(LIVES, LOOKS, EACH_CUTS)
@settings(max_examples=200)
def test_a_message_is_marked_gone_only_if_it_was_deleted_and_a_complete_look_missed_it(
    lives: dict[int, Life], looks: list[Look], cuts: Cuts
) -> None:
    chat = Chat(cuts)

    for look in looks:
        look.into(chat, lives)

    times = {at(look.hour): look for look in looks}
    for number, gone in chat.gone().items():
        missed = times[gone.missed]
        assert missed.complete
        assert missed.covered
        assert missed.first <= number <= missed.last
        assert number not in missed.sees(lives)
        assert gone.seen < gone.missed


@given(LIVES, LOOKS, EACH_CUTS)
@settings(max_examples=200)
def test_in_the_order_of_time_the_archive_is_what_was_seen_last(
    lives: dict[int, Life], looks: list[Look], cuts: Cuts
) -> None:
    chat = Chat(cuts)
    live: dict[int, str] = {}
    gone: set[int] = set()

    for look in sorted(looks, key=lambda look: look.hour):
        look.into(chat, lives)
        seen = {number: json.loads(each)["text"] for number, each in look.sees(lives).items()}
        if look.covered and look.complete:
            missed = {number for number in live if look.first <= number <= look.last} - seen.keys()
            gone |= missed
            live = {number: text for number, text in live.items() if number not in missed}
        live |= seen
        gone -= seen.keys()

        assert chat.live() == live
        assert chat.gone().keys() == gone
        assert chat.entry.gone == len(gone)


@given(LIVES, LOOKS, EACH_CUTS)
@settings(max_examples=200)
def test_the_newest_text_that_was_seen_is_the_text_in_whatever_order(
    lives: dict[int, Life], looks: list[Look], cuts: Cuts
) -> None:
    chat = Chat(cuts)

    for look in looks:
        look.into(chat, lives)

    newest = {number: json.loads(each)["text"] for look in sorted(looks, key=lambda look: look.hour)
              for number, each in look.sees(lives).items()}  # fmt: skip
    assert chat.live().items() <= newest.items()
    for number, past in chat.past().items():
        if past.gone is not None:
            assert chat.earlier(number)[-1] == newest[number]


@given(LIVES, LOOKS, EACH_CUTS)
@settings(max_examples=200)
def test_the_same_look_again_changes_and_stores_nothing(lives: dict[int, Life], looks: list[Look], cuts: Cuts) -> None:
    chat = Chat(cuts)
    for look in looks:
        look.into(chat, lives)
        before = chat.entry
        chat.blobs.forget_counts()

        numbers = look.into(chat, lives)

        assert (chat.entry, numbers, chat.blobs.stored) == (before, ChatNumbers(), [])


@given(LIVES, LOOKS, EACH_CUTS)
@settings(max_examples=200)
def test_looks_that_come_again_later_change_no_message(lives: dict[int, Life], looks: list[Look], cuts: Cuts) -> None:
    chat = Chat(cuts)
    for look in looks:
        look.into(chat, lives)
    before = chat.live(), chat.gone().keys(), {number: chat.earlier(number) for number in chat.past()}

    for look in looks[::-1]:
        numbers = look.into(chat, lives)

        assert numbers == ChatNumbers()
        assert (chat.live(), chat.gone().keys(), {number: chat.earlier(number) for number in chat.past()}) == before


@given(LIVES, st.lists(LOOKS.map(lambda looks: replace(looks[0], complete=True)), min_size=2, max_size=2), EACH_CUTS)
@settings(max_examples=200)
def test_two_looks_give_the_same_in_either_order(lives: dict[int, Life], looks: list[Look], cuts: Cuts) -> None:
    first, second = looks[0], replace(looks[1], hour=looks[1].hour + 20 * (looks[0].hour == looks[1].hour))
    there, back = Chat(cuts), Chat(cuts)

    for chat, order in ((there, (first, second)), (back, (second, first))):
        for look in order:
            look.into(chat, lives)

    assert there.live() == back.live()
    assert there.gone() == back.gone()
    assert {number: there.earlier(number) for number in there.past()} == {
        number: back.earlier(number) for number in back.past()
    }
