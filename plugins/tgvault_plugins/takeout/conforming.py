"""Whether an answer of Telegram is what its schema says that it is, in all of its depth.

Telethon reads whatever is in the place of an object; what an object should have been stands in its type hints only.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterator
from functools import cache
from typing import Any, ForwardRef, NamedTuple, get_args, get_origin

from telethon.tl import TLObject, TLRequest
from telethon.tl.alltlobjects import tlobjects
from telethon.tl.functions.users import GetUsersRequest
from telethon.tl.types import InputUserSelf, User

__all__ = ["conforms"]


def _type_id(name: str) -> int:
    """Give the number that Telethon gives to a type (`SUBCLASS_OF_ID`), made of its name."""
    return crc32(name.encode())


_BOOL = _type_id("Bool")
#: Types of lists that we ask for, and the types of what is in them.
_LISTS = {
    _type_id(f"Vector<{name}>"): frozenset({_type_id(name)})
    for name in ("Document", "FileHash", "MessageRange", "SavedContact", "User", "messages.SearchCounter")
}
_KNOWN = {kind.SUBCLASS_OF_ID for kind in tlobjects.values() if not issubclass(kind, TLRequest)}
_ROOMS = {kind.__module__.rpartition(".")[2] for kind in tlobjects.values()}


class _Field(NamedTuple):
    """A field that holds an object, or with `many` objects, of one of these types."""

    name: str
    types: frozenset[int]
    many: bool


def conforms(request: TLRequest, answer: object) -> bool:
    """Tell whether a request can have that answer.

    That nothing has changed is no answer to who did not tell what is known already.
    """
    wanted: int = request.SUBCLASS_OF_ID
    if isinstance(answer, bool):
        return wanted == _BOOL
    if isinstance(answer, list):
        return wanted in _LISTS and _are_sound(answer, _LISTS[wanted]) and _tells_who_asks(request, answer)
    is_unchanged = type(answer).__name__.endswith("NotModified") and not getattr(request, "hash", 0)
    return not is_unchanged and _are_sound([answer], frozenset({wanted}))


def _tells_who_asks(request: TLRequest, answer: list[Any]) -> bool:
    """Tell whether a question for one's own account is answered with it: there is no session without one."""
    if not (isinstance(request, GetUsersRequest) and any(isinstance(each, InputUserSelf) for each in request.id)):
        return True
    return len(answer) == len(request.id) and all(isinstance(each, User) for each in answer)


def _are_sound(objects: list[Any], types: frozenset[int]) -> bool:
    """Tell whether all objects are of these types, and whatever they hold of the types that it should be of."""
    left = [(each, types) for each in objects]
    while left:
        found, allowed = left.pop()
        if not isinstance(found, TLObject) or isinstance(found, TLRequest) or found.SUBCLASS_OF_ID not in allowed:
            return False
        for name, held, many in _fields(found.__class__):
            inner = getattr(found, name)
            if inner is not None:
                left += [(each, held) for each in inner] if many else [(inner, held)]
    return True


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    hints: dict[str, Any] = getattr(kind.__init__, "__annotations__", {})
    found = (_Field(name, frozenset(_types(hint)), _is_list(hint)) for name, hint in hints.items() if name != "return")
    return tuple(field for field in found if field.types)


def _is_list(hint: Any) -> bool:
    return get_origin(hint) is list or any(_is_list(each) for each in get_args(hint))


def _types(hint: Any) -> Iterator[int]:
    """Give the types of objects that a hint allows; none for numbers, texts and what Telethon does not know itself."""
    name = hint.__forward_arg__ if isinstance(hint, ForwardRef) else hint
    if isinstance(name, str):
        short = name.removeprefix("Type")
        # Hints leave out the room of a type: `messages.StickerSet` and `StickerSet` look the same.
        yield from {_type_id(each) for each in (short, *(f"{room}.{short}" for room in _ROOMS))} & _KNOWN
    elif hasattr(hint, "SUBCLASS_OF_ID"):
        yield hint.SUBCLASS_OF_ID
    else:
        for each in get_args(hint):
            yield from _types(each)
