"""Documents of the account, and findings, until they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import cast

import msgspec

from tgvault.api import Finding, FindingKind, SourceStore
from tgvault_plugins.takeout.ledger.values import Ref, Row

__all__ = ["DocumentTable"]

#: Bytes of a document that are written at once.
PIECE = 4 << 20

_pack = msgspec.msgpack.Encoder().encode
_REFS = msgspec.msgpack.Decoder(tuple[Ref, ...])


class DocumentTable:
    """Pending documents and findings."""

    def __init__(self, store: SourceStore) -> None:
        self._store = store

    def put(self, name: str, position: int, row: Row) -> None:
        """Keep a document, within a transaction; in pieces, as it may be large, and SQLite copies what it is given."""
        refs = _pack(row.refs) if row.refs else None
        if self.has(name):
            self._store.run("DELETE FROM piece WHERE name = ?", name)
        self._store.run("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", name, position, refs)
        for at in range(0, len(row.body), PIECE):
            self._store.run("INSERT INTO piece VALUES (?, ?, ?)", name, at, row.body[at : at + PIECE])

    def every(self) -> Iterator[tuple[str, Row]]:
        """Give the pending documents in their order."""
        rows = self._store.run("SELECT name, refs FROM document ORDER BY position")
        for name, refs in cast("list[tuple[str, bytes | None]]", rows):
            yield name, Row(0, self._body(name), _REFS.decode(refs) if refs is not None else ())

    def _body(self, name: str) -> bytes:
        body = BytesIO()
        for (piece,) in self._store.rows("SELECT body FROM piece WHERE name = ? ORDER BY start", name):
            body.write(cast("bytes", piece))
        return body.getvalue()

    def has(self, name: str) -> bool:
        """Tell whether a document is pending."""
        return bool(self._store.run("SELECT 1 FROM document WHERE name = ?", name))

    def add_findings(self, found: Iterable[Finding]) -> None:
        """Keep findings until they are told."""
        rows = [(each.kind.value, each.subject, each.detail, each.count) for each in found]
        if rows:
            sql = "INSERT INTO finding VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
            self._store.many(sql, rows)

    def set_findings(self, subject: str, found: Iterable[Finding]) -> None:
        """Keep what is found now on a subject, in place of what an interrupted try found."""
        if self._store.run("SELECT 1 FROM finding WHERE subject = ?", subject):
            self._store.run("DELETE FROM finding WHERE subject = ?", subject)
        self.add_findings(found)

    def findings(self) -> Iterator[Finding]:
        """Give the findings."""
        rows = self._store.run("SELECT kind, subject, detail, count FROM finding ORDER BY kind, subject, detail")
        for kind, subject, detail, count in cast("list[tuple[str, str, str, int]]", rows):
            yield Finding(FindingKind(kind), subject, detail, count)
