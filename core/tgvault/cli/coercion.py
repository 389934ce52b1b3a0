"""Turning the words of the command line into values, without pydantic.

Typer 0.29 converts even a plain text with pydantic, whose import costs 90 ms of the 250 ms that a start may take
(CPython 3.11, two-core EPYC). The few types that our commands use are converted here; the rest is left to Typer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperOption

if TYPE_CHECKING:
    # Typer carries its own click; nothing but the names of its types is taken from there.
    from typer._click.core import Context, Parameter
    from typer._coercion import RuntimeParam
    from typer.core import _TyperParameter

__all__ = ["without_pydantic"]


def without_pydantic(param: Parameter) -> Parameter:
    """Let the parameter convert its values here; returns the parameter."""
    if type(param) is TyperOption:
        param.__class__ = _Option
    elif type(param) is TyperArgument:
        param.__class__ = _Argument
    return param


class _Option(TyperOption):
    def get_runtime_param(self) -> RuntimeParam:
        return _conversion(self.type_descriptor.annotation, self.min) or super().get_runtime_param()


class _Argument(TyperArgument):
    def get_runtime_param(self) -> RuntimeParam:
        return _conversion(self.type_descriptor.annotation, self.min) or super().get_runtime_param()


@dataclass(frozen=True, slots=True)
class _Conversion:
    """Has the one method that Typer calls."""

    kind: type
    convert: Callable[[str], object]
    several: bool

    def coerce(self, value: object, param: _TyperParameter, ctx: Context) -> object:
        if value is None:
            return () if self.several else None
        try:
            return [self._one(each) for each in cast("list[object]", value)] if self.several else self._one(value)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from None

    def _one(self, value: object) -> object:
        # A word comes as text, a default as what it is.
        return value if isinstance(value, self.kind) and self.kind is not str else self.convert(str(value))


def _conversion(annotation: object, least: float | None) -> RuntimeParam | None:
    several = get_origin(annotation) is list
    kind = get_args(annotation)[0] if several else annotation
    if not isinstance(kind, type) or (convert := _converter(kind, least)) is None:
        return None
    return cast("RuntimeParam", _Conversion(kind, convert, several))


def _converter(kind: type, least: float | None) -> Callable[[str], object] | None:
    if kind is bool:
        return kind
    if kind in {str, Path}:
        return lambda word: kind(_said(word))
    if kind is int:
        return lambda word: _whole_number(word, least)
    if issubclass(kind, StrEnum):
        return lambda word: _word_of(kind, word)
    return None


def _said(word: str) -> str:
    # Nothing, where a script's variable is empty, would stand for the current folder, or for every id.
    if not word:
        raise ValueError("it is empty")
    return word


def _whole_number(word: str, least: float | None) -> int:
    try:
        number = int(word)
    except ValueError:
        raise ValueError(f"`{word}` is not a whole number") from None
    if least is not None and number < least:
        raise ValueError(f"`{word}` is less than {least:g}")
    return number


def _word_of(kind: type[StrEnum], word: str) -> StrEnum:
    try:
        return kind(word)
    except ValueError:
        raise ValueError(f"`{word}` is none of {', '.join(f'`{each.value}`' for each in kind)}") from None
