"""Members of the outermost objects."""

from __future__ import annotations

import pytest

from samples.json.windows import Bytes
from tgvault_plugins.desktop_export.members import (
    FULL,
    SINGLE,
    Member,
    form_by,
    is_messages,
    is_section,
    member_at,
    name_of,
)
from tgvault_plugins.desktop_export.parts import Broken, Ended
from tgvault_plugins.desktop_export.view import View


def _view(text: bytes) -> View:
    return View(Bytes(text))


def test_a_member_is_its_key_and_the_place_of_its_value() -> None:
    assert member_at(_view(b' ,\n "a\\"b" : 12'), 0) == (Member(b'"a\\"b"', 13), 13)


def test_an_object_ends_with_its_brace() -> None:
    assert member_at(_view(b"\n}"), 0) == (None, 2)


def test_a_key_behind_much_white_space_is_found() -> None:
    member, _ = member_at(_view(b" " * 5000 + b'"a": 1'), 0)

    assert member == Member(b'"a"', 5005)


@pytest.mark.parametrize("text", [b"", b" ,", b'"a', b'"a"', b'"a" :'[:4], b'"a\\'])
def test_a_member_that_the_file_ends_in_has_ended(text: bytes) -> None:
    with pytest.raises(Ended):
        member_at(_view(text), 0)


@pytest.mark.parametrize("text", [b"x", b"]", b'"a" 1', b'"' + b"x" * (1 << 21)])
def test_something_else_is_broken(text: bytes) -> None:
    with pytest.raises(Broken):
        member_at(_view(text), 0)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (b'"messages": [', SINGLE),
        (b'"messages": 1', None),
        (b'"type": "personal_chat"', SINGLE),
        (b'"type": "Feature"', None),
        (b'"chats": {', FULL),
        (b'"contacts": {', FULL),
        (b'"profile_pictures": [', FULL),
        (b'"about": "x"', None),
        (b'"chats": 1', None),
        (b'"x": {', None),
    ],
)
def test_single_members_tell_the_form(text: bytes, form: str | None) -> None:
    view = _view(text)
    member, _ = member_at(view, 0)

    assert member is not None
    assert form_by(view, member) == form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'"chats": {', True),
        (b'"archived": {"about": "x", "list": [{"id": 1, "messages": [', True),
        (b'"archived": {"list": [{"id": 1}]}, "messages": [', False),
        (b'"contacts": {"list": [{"messages": [', False),
    ],
)
def test_a_list_of_chats_is_known_by_its_name_or_its_look(text: bytes, expected: bool) -> None:
    view = _view(text)
    member, _ = member_at(view, 0)

    assert member is not None
    assert is_section(view, member) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'"messages": [1', True),
        (b'"messXges": [\n {"id": 1', True),
        (b'"members": ["x"]', False),
        (b'"messages": null', False),
    ],
)
def test_messages_are_known_by_their_name_or_their_look(text: bytes, expected: bool) -> None:
    view = _view(text)
    member, _ = member_at(view, 0)

    assert member is not None
    assert is_messages(view, member) is expected


@pytest.mark.parametrize(("key", "name"), [(b'"a\\u0041"', "aA"), (b'"\xff"', "\ufffd"), (b'"\\q"', "\\q")])
def test_names_are_read_as_far_as_they_can_be(key: bytes, name: str) -> None:
    assert name_of(key) == name
