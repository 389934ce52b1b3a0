from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.archive.rewriting import put_text, take_member

PATH = "photos/a (2).jpg"


@pytest.mark.parametrize(
    ("body", "place", "after"),
    [
        (b'{"id":1,"photo":"photos/a.jpg"}', "photo", b'{"id":1,"photo":"photos/a (2).jpg"}'),
        (b'{"photo":"photos\\/a.jpg","x":1}', "photo", b'{"photo":"photos/a (2).jpg","x":1}'),
        (b'{"text":"a","photo":"a"}', "photo", b'{"text":"a","photo":"photos/a (2).jpg"}'),
        (b'{"poll":{"photo":"a"},"photo":"a"}', "photo", b'{"poll":{"photo":"a"},"photo":"photos/a (2).jpg"}'),
        (b'{"photo":"a","photo":"b"}', "photo", b'{"photo":"a","photo":"photos/a (2).jpg"}'),
        (b'{"ph\\u006fto":"a"}', "photo", b'{"ph\\u006fto":"photos/a (2).jpg"}'),
        (b'{"x":[{"y":"a"},{"y":"a"}]}', "x/1/y", b'{"x":[{"y":"a"},{"y":"photos/a (2).jpg"}]}'),
        (b'{"a/b~c":"a"}', "a~1b~0c", b'{"a/b~c":"photos/a (2).jpg"}'),
        (b'{ "photo" : "a" , "x" : [ ] }', "photo", b'{ "photo" : "photos/a (2).jpg" , "x" : [ ] }'),
        (b'{"n":%b,"photo":"a"}' % (b"9" * 5000), "photo", b'{"n":%b,"photo":"photos/a (2).jpg"}' % (b"9" * 5000)),
        (b'{"n":1.500000,"photo":"a"}', "photo", b'{"n":1.500000,"photo":"photos/a (2).jpg"}'),
    ],
)
def test_the_value_at_the_place_is_another_one_and_nothing_else_changes(body: bytes, place: str, after: bytes) -> None:
    assert put_text(body, place, PATH) == after


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"{}", "photo"),
        (b'{"photo":{}}', "photo/0"),
        (b'{"x":"photo"}', "x/photo"),
        (b'{"x":[]}', "x/0"),
        (b'{"x":{"photo":"a"}}', "photo"),
    ],
)
def test_where_nothing_stands_nothing_is_put(body: bytes, place: str) -> None:
    assert put_text(body, place, PATH) == body


@pytest.mark.parametrize(
    ("body", "without", "value"),
    [
        (b'{"tgvault":{"gone":1}}', b"{}", b'{"gone":1}'),
        (b'{"id":1,"tgvault":2}', b'{"id":1}', b"2"),
        (b'{"tgvault":2,"id":1}', b'{"id":1}', b"2"),
        (b'{"a":1,"tgvault":[2],"id":1}', b'{"a":1,"id":1}', b"[2]"),
        (b'{"a":1 , "tgvault" : 2 , "id":1}', b'{"a":1, "id":1}', b"2"),
        (b'{"x":{"tgvault":2}}', b'{"x":{"tgvault":2}}', None),
    ],
)
def test_a_member_is_taken_out(body: bytes, without: bytes, value: bytes | None) -> None:
    taken, found = take_member(body, "tgvault")

    assert json.loads(taken) == json.loads(without)
    assert found == value


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON, st.dictionaries(st.text(max_size=3), _JSON, max_size=4), st.sampled_from([(",", ":"), (" , ", " : ")]))
def test_what_json_finds_at_a_place_is_what_was_put_there(
    value: object, others: dict[str, object], separators: tuple[str, str]
) -> None:
    others.pop("photo", None)
    body = json.dumps({**others, "photo": value}, separators=separators).encode()

    assert json.loads(put_text(body, "photo", PATH)) == {**others, "photo": PATH}
    taken, found = take_member(body, "photo")
    assert json.loads(taken) == others
    assert found is not None
    assert json.loads(found) == value
