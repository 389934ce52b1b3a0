"""What is read from the annotations of a struct class."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tgvault.config.fields import annotation, choices, description, is_struct, options


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct):
    size: Annotated[int, Meta(description="How big.")] = 1


class Outer(msgspec.Struct, rename={"inner": "the-inner"}):
    inner: Annotated[Inner, Meta(description="What is inside.")]
    maybe: Inner | None = None
    colour: Colour | None = None
    several: tuple[Colour, ...] = ()
    way: Literal["up", "down"] = "up"
    limit: Annotated[Annotated[int, Meta(ge=0)] | None, Meta(description="The limit.")] = None
    within: Annotated[int, Meta(description="Innermost.")] | None = None
    plain: int = 0
    rows: tuple[Inner, ...] = ()


def test_a_field_is_found_through_nested_structs() -> None:
    assert description(annotation(Outer, ("the-inner", "size"))) == "How big."
    assert description(annotation(Outer, ("maybe", "size"))) == "How big."


def test_beyond_a_list_the_field_that_holds_it_is_given() -> None:
    assert annotation(Outer, ("rows", 1, "size")) == tuple[Inner, ...]


def test_a_description_is_found_outside_or_inside_of_a_union() -> None:
    assert description(annotation(Outer, ("limit",))) == "The limit."
    assert description(annotation(Outer, ("within",))) == "Innermost."
    assert description(annotation(Outer, ("plain",))) is None


def test_the_words_of_a_field_are_listed() -> None:
    assert choices(annotation(Outer, ("colour",))) == ["red", "blue"]
    assert choices(annotation(Outer, ("several",))) == ["red", "blue"]
    assert choices(annotation(Outer, ("way",))) == ["up", "down"]
    assert choices(annotation(Outer, ("plain",))) == []


def test_a_type_is_taken_apart() -> None:
    assert list(options(annotation(Outer, ("limit",)))) == [int, type(None)]
    assert [each for each in options(annotation(Outer, ("maybe",))) if is_struct(each)] == [Inner]
