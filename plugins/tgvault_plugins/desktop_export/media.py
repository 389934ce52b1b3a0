"""The places in a message or document that speak of files, and whether a file can be there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from tgvault.api import Finding, FindingKind, HostilePathError, MediaRef
from tgvault_plugins.desktop_export.known import PATH_FIELDS
from tgvault_plugins.desktop_export.paths import parts, shown
from tgvault_plugins.desktop_export.strict import Fields

__all__ = ["MAY_BE_NESTED", "flat", "missing_reason", "nested", "reference", "refusals"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

#: One of these stands in a message that may name files deeper than in its own fields.
MAY_BE_NESTED = re.compile(rb'"document_id":"(?![0-9]*")|"rich_message":')

_PATH_KEYS = frozenset(PATH_FIELDS) | {"document_id", "poster_photo", "author_photo", "media"}
_SKIPPED = "_skip_reason"
_SKIP_REASONS = {"file_size": "too big", "file_type": "not included", "date_limits": "not included"}


def missing_reason(value: str) -> str | None:
    """Why there is no file, if the value is one of the sentences that stand for that, in any version so far."""
    if not (value.startswith("(") and value.endswith(")")) or "/" in value:
        return None
    if "not included" in value:
        return "not included"
    return "too big" if "exceeds maximum size" in value else "unavailable"


def reference(field: str, value: str) -> MediaRef | None:
    """What the value of a path field says; None when it is empty."""
    if not value:
        return None
    if value[0] == "(" and (reason := missing_reason(value)):
        return MediaRef(field, None, reason)
    try:
        parts(value)
    except HostilePathError:
        return MediaRef(field, None, "refused")
    return MediaRef(field, value)


def flat(fields: Fields) -> list[MediaRef]:
    """The references of a message's own fields."""
    found = []
    for name in PATH_FIELDS:
        value = getattr(fields, name)
        if value and (ref := reference(name, value)) is not None:
            found.append(ref)
    return found


def nested(body: bytes, *, skip: Iterable[str] = PATH_FIELDS) -> list[MediaRef]:
    """The references at any depth of a JSON value, but for members of the outermost object that are in `skip`."""
    root: Json = msgspec.json.decode(body)
    if isinstance(root, dict):
        root = {key: value for key, value in root.items() if key not in set(skip)}
    return [ref for field, value in _texts(root, "") if (ref := _nested(field, value)) is not None]


def refusals(found: Iterable[MediaRef], subject: str) -> Iterator[Finding]:
    """Tell of the references that lead out of the export."""
    for ref in found:
        if ref.missing == "refused":
            yield Finding(FindingKind.REFUSED_PATH, subject, f"`{ref.field}` leads out of the export")


def _nested(field: str, value: str) -> MediaRef | None:
    key = field.rpartition("/")[2]
    if key.endswith(_SKIPPED):
        return MediaRef(field, None, _SKIP_REASONS.get(value, "unavailable"))
    if key not in _PATH_KEYS or (key == "document_id" and value.isdecimal()):
        return None
    return reference(field, value)


def _texts(value: Json, field: str) -> Iterator[tuple[str, str]]:
    """Every text with its place as a JSON pointer, in order. The decoder has bounded the depth."""
    if isinstance(value, str):
        yield field, shown(value) if field.endswith(_SKIPPED) else value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{field}/{_escaped(key)}".lstrip("/"))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{field}/{index}".lstrip("/"))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "/" in key or "~" in key else key
