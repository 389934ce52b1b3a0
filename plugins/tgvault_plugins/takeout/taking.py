"""Taking over what Telegram answered: messages become bodies, the files they speak of are looked for in the vault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tgvault.api import BEYOND, ChatKey, Held, SourceContext
from tgvault_plugins.takeout.config import LARGEST_FILE
from tgvault_plugins.takeout.convert.documents import AccountDocument
from tgvault_plugins.takeout.convert.message import Converted, MessageConverter
from tgvault_plugins.takeout.files import FileKind, RemoteFile, stamp_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import FileRow, FileState, Ref, Row
from tgvault_plugins.takeout.selecting import LEFT_OUT_REASONS

__all__ = ["DOCUMENTS", "Taker"]

#: Stands for the account's documents where a chat's number is asked for.
DOCUMENTS = 0

#: Fields of which the archive may have the content from an export of Telegram Desktop.
_EXPORTED = frozenset({"photo", "file", "thumbnail"})


class _Known(msgspec.Struct):
    """What an archived body tells of its files."""

    date_unixtime: str = ""
    edited_unixtime: str = ""
    api: _Api | None = None


class _Api(msgspec.Struct):
    media: dict[str, _File] = {}


class _File(msgspec.Struct):
    id: int = 0


_KNOWN = msgspec.json.Decoder(_Known)
assert BEYOND in _Known.__struct_fields__


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a page: the ids of its messages, ascending."""

    ids: tuple[int, ...]


class Taker:
    """Writes what was fetched into the ledger, everything of one page in one transaction.

    With `tries_again` files that could not be had are wanted once more when they are met. While files are fetched they
    are not: the run has just tried, and tells why there are none.
    """

    def __init__(self, ledger: Ledger, context: SourceContext, converter: MessageConverter) -> None:
        self._ledger = ledger
        self._context = context
        self._converter = converter
        self.tries_again = True

    def page(
        self,
        number: int,
        messages: Iterable[Any],
        *,
        peer: Any,
        shift: int,
        account_wide: bool,
        tl: Callable[[Any], bytes | None],
        then: Callable[[], None] = lambda: None,
    ) -> Taken:
        """Keep messages of a chat. `then` is called within the same transaction."""
        made = [self._converter.convert(each, chat=peer, shift=shift, tl=tl(each)) for each in messages]
        made.sort(key=lambda each: each.id)
        key = self._ledger.chats.get(number).chat.key
        wanted = self._unknown(made)
        held = self._context.held(key, made[0].id, made[-1].id) if wanted and made else {}
        with self._ledger.transaction():
            rows = [Row(each.id, each.body, self._refs(each, number, key, held)) for each in made]
            self._ledger.messages.add(number, rows, account_wide=account_wide, shift=shift)
            self._ledger.documents.add_findings(found for each in made for found in each.findings)
            then()
        return Taken(tuple(each.id for each in made))

    def document(self, document: AccountDocument, position: int) -> None:
        """Keep a document of the account."""
        with self._ledger.transaction():
            left_out = [Ref(file.field, None, reason) for file, reason in document.left_out]
            refs = [self._ref(file, DOCUMENTS, position, adopted=False) for file in document.files]
            self._ledger.files.keep_origins(DOCUMENTS, position, {file.name for file in document.files})
            self._ledger.documents.put(document.name, position, Row(0, document.body, (*left_out, *refs)))
            self._ledger.documents.add_findings(document.findings)

    def _unknown(self, made: Sequence[Converted]) -> bool:
        """Tell whether a file is spoken of that the archive may have, and that is not known by its id."""
        return any(
            file.field in _EXPORTED and file.content is None and not self._context.knows(stamp_of(file))
            for each in made
            for file in each.files
        )

    def _refs(self, made: Converted, number: int, key: ChatKey, held: dict[int, Held] | Any) -> tuple[Ref, ...]:
        refs = [
            Ref(file.field, self._leave_out(file, reason, number, made.id), reason) for file, reason in made.left_out
        ]
        before = held.get(made.id)
        for file in made.files:
            named = file if file.content is None else msgspec.structs.replace(file, name=f"{number}_{file.name}")
            adopted = before is not None and self._adopt(named, before, made, key)
            refs.append(self._ref(named, number, made.id, adopted=adopted))
        return tuple(refs)

    def _ref(self, file: RemoteFile, number: int, message: int, *, adopted: bool) -> Ref:
        """Note how a file stands, and give the reference to it."""
        known = self._ledger.files.get(file.name)
        state, reason = self._state(file, known, adopted=adopted), None
        if not 0 <= file.size <= LARGEST_FILE:
            reason = f"it is said to have {file.size} bytes, which no file has"
            # What is said counts nowhere; what the vault has is there all the same.
            state = FileState.MISSING if state is FileState.WANTED else state
            file = msgspec.structs.replace(file, size=0)
        if known is not None and known.state is FileState.MISSING and file.kind is FileKind.EMOJI:
            # Messages that named it while it was refused say nothing but its id.
            self._ledger.messages.add_todo(self._ledger.files.origins(file.name))
        # What is whole stays as it is, and what cannot be had keeps its reason.
        if known is None or (known.state is not FileState.WHOLE and state is not FileState.MISSING):
            self._ledger.files.put(FileRow(msgspec.structs.replace(file, content=None), state, reason))
        if file.content is not None:
            self._ledger.files.add_part(file.name, 0, file.content)
        self._ledger.files.add_origin(file.name, number, message)
        return Ref(file.field, file.name, None, file.path)

    def _state(self, file: RemoteFile, known: FileRow | None, *, adopted: bool) -> FileState:
        if file.content is not None or (known is not None and known.state is FileState.WHOLE):
            return FileState.WHOLE
        if known is not None and known.state is FileState.PACKED:
            return FileState.PACKED
        if known is not None and known.state is FileState.MISSING and not self.tries_again:
            return FileState.MISSING
        return FileState.KNOWN if adopted or self._context.knows(stamp_of(file)) else FileState.WANTED

    def _leave_out(self, file: RemoteFile, reason: str, number: int, message: int) -> str | None:
        """Note what the settings leave out, to be asked for when they do not; gives its name."""
        if file.kind is FileKind.EMOJI and reason not in LEFT_OUT_REASONS:
            return self._miss(file, number, message)
        if not file.name or reason not in LEFT_OUT_REASONS:
            # Not ours to decide: Telegram has no such file any more, or gives it to nobody.
            return None
        known = self._ledger.files.get(file.name)
        if known is None or known.state in (FileState.WANTED, FileState.LEFT_OUT, FileState.MISSING):
            row = msgspec.structs.replace(file, access_hash=0, reference=b"")
            self._ledger.files.leave_out(FileRow(row, FileState.LEFT_OUT, reason))
            self._ledger.files.add_origin(file.name, number, message)
        return file.name

    def _miss(self, file: RemoteFile, number: int, message: int) -> str:
        """Note a custom emoji that Telegram refused, to be asked for by the next run; gives its name."""
        known = self._ledger.files.get(file.name)
        if known is None or known.state is FileState.LEFT_OUT:
            self._ledger.files.put(FileRow(file, FileState.MISSING))
        self._ledger.files.add_origin(file.name, number, message)
        return file.name

    def _adopt(self, file: RemoteFile, before: Held, made: Converted, key: ChatKey) -> bool:
        """Take the archive's content for a file, if the message was not edited since and everything told fits."""
        if file.field not in _EXPORTED or before.sizes.get(file.field) != file.size:
            return False
        try:
            said = _KNOWN.decode(before.body)
        except msgspec.MsgspecError:
            return False
        told = said.api.media.get(file.field) if said.api is not None else None
        if told is not None and told.id != file.id:
            return False
        same = said.date_unixtime == str(made.date) and (said.edited_unixtime or "0") == str(made.edited)
        return same and self._context.adopt(stamp_of(file), chat=key, message=made.id, field=file.field)
