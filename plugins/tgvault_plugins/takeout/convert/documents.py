"""Documents of the account: what they are made with and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

import msgspec

from tgvault.api import Finding
from tgvault_plugins.takeout.convert.making import Around, Decide, LeftOut, Making
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.convert.phones import PhoneFormat
from tgvault_plugins.takeout.convert.times import Times
from tgvault_plugins.takeout.convert.values import Fields, encoded
from tgvault_plugins.takeout.files import RemoteFile

__all__ = ["AccountDocument", "around", "document", "listed", "making_of"]


class AccountDocument(msgspec.Struct, frozen=True):
    """A document: its name in an export, its body on one line, and the files that this speaks of."""

    name: str
    body: bytes
    files: tuple[RemoteFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    findings: tuple[Finding, ...] = ()


def around(
    peers: Peers, *, zone: tzinfo, self_id: int, decide: Decide, phone: Callable[[str], str] | None = None
) -> Around:
    """Put together what all documents are made with."""
    return Around(peers, Times(zone), decide, phone if phone is not None else PhoneFormat(), {}, self_id)


def making_of(context: Around, word: str = "File") -> Making:
    """Begin a document; paths in it are those of the source, in no chat's folder."""
    return Making(context, mark="", word=word)


def document(name: str, body: object, making: Making | None = None) -> AccountDocument:
    """Finish a document."""
    if making is None:
        return AccountDocument(name, encoded(body))
    return AccountDocument(name, encoded(body), tuple(making.files), tuple(making.left_out), tuple(making.findings))


def listed(name: str, rows: list[Fields], making: Making | None = None) -> AccountDocument:
    """Finish a document that is a list with a word about it, which an export writes for people and this does not."""
    return document(name, {"about": "", "list": rows}, making)
