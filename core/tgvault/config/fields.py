"""Looking into a struct class: what its fields take, and how they are described."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Annotated, Literal, TypeGuard, Union, get_args, get_origin

import msgspec

__all__ = ["annotation", "choices", "description", "is_struct", "options", "title"]


def is_struct(kind: object) -> TypeGuard[type[msgspec.Struct]]:
    """Whether this is a struct class."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def options(kind: object) -> Iterator[object]:
    """Take a type apart into those that a union offers, without their annotations."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from options(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for each in get_args(kind):
            yield from options(each)
    else:
        yield kind


def annotation(kind: type[msgspec.Struct], path: tuple[str | int, ...]) -> object:
    """Give the annotation of the field that the path leads to, through nested structs."""
    found: object = kind
    for step in path:
        holder = next(filter(is_struct, options(found)), None)
        if holder is None or isinstance(step, int):
            return found
        found = next(field.type for field in msgspec.structs.fields(holder) if field.encode_name == step)
    return found


def choices(kind: object) -> list[str]:
    """List the words that a field of this type takes, where it takes certain words only."""
    found: list[str] = []
    for each in options(kind):
        if get_origin(each) is Literal:
            found += [str(word) for word in get_args(each)]
        elif isinstance(each, type) and issubclass(each, Enum):
            found += [str(member.value) for member in each]
        else:  # a list of words keeps them one level down
            found += [word for inner in get_args(each) for word in choices(inner)]
    return found


def description(kind: object) -> str | None:
    """Give the description in the annotation, with the innermost last resort."""
    return next((note.description for note in _notes(kind) if note.description), None)


def title(kind: object) -> str | None:
    """Say in words what a pattern in the annotation takes."""
    return next((note.title for note in _notes(kind) if note.title), None)


def _notes(kind: object) -> Iterator[msgspec.Meta]:
    yield from (note for note in getattr(kind, "__metadata__", ()) if isinstance(note, msgspec.Meta))
    if get_origin(kind) in (Annotated, Union, UnionType):
        for each in get_args(kind):
            yield from _notes(each)
