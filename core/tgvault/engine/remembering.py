"""What a span became, kept in the local state: a span that did not change is not read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from tgvault import __version__
from tgvault.archive.cuts import Key
from tgvault.archive.lists import Ref
from tgvault.contracts.source import Source
from tgvault.contracts.transform import Transform
from tgvault.engine.filing import MetFiles
from tgvault.engine.tasks import NOT_THERE, SpanDone
from tgvault.host.discovery import version_of
from tgvault.host.spec import PluginSpec
from tgvault.model.records import Chat
from tgvault.state.spans import Spans
from tgvault.vault.opened import Vault

__all__ = ["SpanMemory", "reading_settings"]


class _Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What reading a span gave; `files` is a keyed hash of what lay in the files that `used` names."""

    refs: list[tuple[Key, Key, int, bytes]]
    used: list[str]
    files: bytes
    missing: dict[str, int]
    dropped: list[int]
    messages: int
    latest: int


_KEPT = msgspec.msgpack.Decoder(_Kept)
_encode = msgspec.msgpack.Encoder().encode


def reading_settings(source: PluginSpec[Source], transforms: Iterable[PluginSpec[Transform]]) -> bytes:
    """Name everything but a span's bytes and files that decides what it becomes."""
    steps = [(each.type, _version(each), each.settings) for each in transforms]
    return _encode([__version__, source.type, _version(source), steps])


def _version(spec: PluginSpec[Source] | PluginSpec[Transform]) -> str:
    # Metadata is slow to read, and what comes with tgvault has its version.
    return "" if spec.plugin.bundled else version_of(spec.plugin.distribution)


class SpanMemory:
    """Remembers spans by their bytes, which the source gives, under names that only the vault's key can make."""

    def __init__(self, vault: Vault, settings: bytes) -> None:
        self._id_key = vault.keys.id_key
        self._places = vault.places
        self._spans = Spans(vault.database)
        self._settings = settings

    def name(self, chat: Chat, raw: bytes) -> bytes:
        """Name a span of a chat."""
        # Written as Python does: a source may give a chat a number that no other form has room for.
        return self._id_key.mac("span", _encode((self._settings, repr(chat).encode(), raw)))

    def recall(self, name: bytes, met: MetFiles) -> SpanDone | None:
        """Give what a span of that name became, if the files that it names are what they were and the vault still has
        all of it.
        """
        value = self._spans.get(name)
        if value is None:
            return None
        kept = _KEPT.decode(value)
        if self._files(kept.used, met) != kept.files or not all(self._places.has(ref[3]) for ref in kept.refs):
            return None
        return SpanDone(
            refs=[Ref(first, last, count, blob.hex()) for first, last, count, blob in kept.refs],
            used=kept.used,
            missing=Counter(kept.missing),
            dropped=kept.dropped,
            messages=kept.messages,
            latest=kept.latest,
            spans_met=[name],
        )

    def note(self, name: bytes, done: SpanDone, met: MetFiles) -> None:
        """Let the state remember what a span became, if it holds nothing that has to be told of again."""
        if done.findings or NOT_THERE in done.missing or not (done.ordered and done.has_ids):
            return
        refs = [(ref.first, ref.last, ref.count, bytes.fromhex(ref.blob)) for ref in done.refs]
        files = self._files(done.used, met)
        kept = _Kept(refs, done.used, files, done.missing, done.dropped, done.messages, done.latest)
        done.spans.append((name, _encode(kept)))

    def _files(self, names: Iterable[str], met: MetFiles) -> bytes:
        found = [(name, known.content if known is not None else b"") for name in names for known in (met.find(name),)]
        return self._id_key.mac("span", _encode(found))
