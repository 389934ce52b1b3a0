from __future__ import annotations

import pytest

from tgvault.archive.beyond import keep_beyond
from tgvault.archive.segments import Media, Stored

BEYOND = b',"api":{"views":5}}'
PLAIN = Stored(1, b'{"id":1,"text":"a"}', {})
FILES = {"photo": Media("a.jpg", 3, "ab"), "api/web_page/photo": Media("b.jpg", 3, "cd")}
KNOWING = Stored(1, b'{"id":1,"text":"a"' + BEYOND, FILES)


def test_what_the_older_one_knows_is_added_with_its_files() -> None:
    whole = keep_beyond(PLAIN, KNOWING)

    assert whole.body == b'{"id":1,"text":"a"' + BEYOND
    assert whole.media == {"api/web_page/photo": FILES["api/web_page/photo"]}


def test_what_the_newer_one_knows_goes_before_it() -> None:
    newer = Stored(1, b'{"id":1,"text":"a","api":{"views":9}}', {})

    assert keep_beyond(newer, KNOWING) is newer


@pytest.mark.parametrize(
    "older",
    [
        b'{"id":1,"text":"a"}',
        b'{"id":1,"text":"a,\\"api\\":"}',
        b'{"id":1,"more":{"a":1,"api":2}}',
        b'{"id":1,"api":',
        b"",
    ],
)
def test_what_only_looks_like_it_adds_nothing(older: bytes) -> None:
    assert keep_beyond(PLAIN, Stored(1, older, {})) is PLAIN


def test_a_text_of_the_newer_one_that_looks_like_it_hides_nothing() -> None:
    newer = Stored(1, b'{"id":1,"text":",\\"api\\":","more":{"b":1,"api":2}}', {})

    assert keep_beyond(newer, KNOWING).body == newer.body[:-1] + BEYOND


@pytest.mark.parametrize(("own", "whole"), [(b'{"views":9}', b'{"views":9,'), (b"{}", b"{")])
def test_the_message_as_telegram_sent_it_stays_where_the_newer_one_leaves_it_out(own: bytes, whole: bytes) -> None:
    older = Stored(1, b'{"id":1,"text":"a","api":{"views":5,"raw":"eHl6","layer":229}}', {})
    newer = Stored(1, b'{"id":1,"text":"a","api":' + own + b"}", {})

    assert keep_beyond(newer, older).body == b'{"id":1,"text":"a","api":' + whole + b'"raw":"eHl6","layer":229}}'


@pytest.mark.parametrize("own", [b'{"raw":"YWJj","layer":230}', b'{"views":9} '])
def test_a_newer_one_that_has_it_or_is_written_otherwise_stays_as_it_is(own: bytes) -> None:
    older = Stored(1, b'{"id":1,"text":"a","api":{"raw":"eHl6","layer":229}}', {})
    newer = Stored(1, b'{"id":1,"text":"a","api":' + own + b"}", {})

    assert keep_beyond(newer, older) is newer
