"""The messages of one conversation: kept, or made where they are asked for."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence

from telethon import utils
from telethon.extensions import BinaryReader
from telethon.tl import types
from telethon.tl.tlobject import TLObject

from tgvault.testing.telegram.tl import Encoded, Tl

__all__ = ["Messages", "peers_of"]

#: Fields with the bare id of a user.
_USER_FIELDS = frozenset(
    {"bot_id", "inviter_id", "new_creator_id", "user_id", "via_bot_id", "via_business_bot_id", "voter_id"}
)


class Messages:
    """Messages in ascending order of their ids.

    With `make`, which gives the bytes of the message with an id, those of `ids` are computed and take no memory;
    `peers` are then those that the messages speak of, and after `pattern` of them the kinds come again. What is put
    afterwards is kept.
    """

    def __init__(
        self,
        ids: Sequence[int] = (),
        *,
        make: Callable[[int], bytes] | None = None,
        peers: frozenset[int] = frozenset(),
        pattern: int = 1,
    ) -> None:
        self.ids: Sequence[int] = ids if make else list(ids)
        self._make = make
        #: After so many made messages the kinds come again, in the same order.
        self.pattern = pattern
        self._made_peers = peers
        self._kept: dict[int, Tl] = {}
        self._encoded: dict[int, Encoded] = {}
        self._peers: dict[int, frozenset[int]] = {}
        self._removed = 0

    @property
    def next_id(self) -> int:
        """The id behind every one that there ever was: Telegram gives none twice."""
        return max(self._removed, self.ids[-1] if self.ids else 0) + 1

    @property
    def all_made(self) -> bool:
        """Whether every message is computed, and all speak of the same people."""
        return self._make is not None and not self._kept

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, message_id: int) -> bool:
        at = bisect_left(self.ids, message_id)
        return at < len(self.ids) and self.ids[at] == message_id

    def __iter__(self) -> Iterator[Tl]:
        return (self.get(message_id) for message_id in self.ids)

    def get(self, message_id: int) -> Tl:
        """Give a message that is there, as a client reads it: flags that are not set are false, not None."""
        return BinaryReader(self.encoded(message_id).data).tgread_object()

    def kept(self, message_id: int) -> Tl:
        """Give a message to change and `put` again."""
        return self._kept.get(message_id) or self.get(message_id)

    def encoded(self, message_id: int) -> Encoded:
        """Give a message's bytes, ready to be put into an answer."""
        if self._make is not None and message_id not in self._kept:
            return Encoded(self._make(message_id))
        found = self._encoded.get(message_id)
        if found is None:
            found = self._encoded[message_id] = Encoded(self._kept[message_id]._bytes())
        return found

    def peers(self, message_id: int) -> frozenset[int]:
        """Give the marked ids of all that a message speaks of."""
        if self._make is not None and message_id not in self._kept:
            return self._made_peers
        found = self._peers.get(message_id)
        if found is None:
            found = self._peers[message_id] = frozenset(peers_of(self._kept[message_id]))
        return found

    def matching(self, test: Callable[[Tl], bool]) -> Sequence[int]:
        """Give the ids of the messages that pass a test.

        Of messages that are made, the first of each pattern speaks for all of it.
        """
        if self._make is None or isinstance(self.ids, list):
            return [message_id for message_id in self.ids if test(self.get(message_id))]
        passing = [place for place in range(min(self.pattern, len(self.ids))) if test(self.get(self.ids[place]))]
        return [self.ids[each] for each in range(len(self.ids)) if each % self.pattern in passing]

    def put(self, message: Tl) -> None:
        """Add a message, or put it in place of the one with its id."""
        if message.id not in self:
            ids = self._own_ids()
            insort(ids, message.id)
        self._kept[message.id] = message
        # At once, so that a field that cannot be written is told where it was given.
        self._encoded[message.id] = Encoded(message._bytes())
        self._peers.pop(message.id, None)

    def remove(self, message_id: int) -> None:
        """Take a message away that is there."""
        self._own_ids().remove(message_id)
        self._removed = max(self._removed, message_id)
        self._kept.pop(message_id, None)
        self._encoded.pop(message_id, None)
        self._peers.pop(message_id, None)

    def forget_encoded(self) -> None:
        """Write all messages anew, after something inside them changed."""
        self._encoded.clear()

    def _own_ids(self) -> list[int]:
        if not isinstance(self.ids, list):
            self.ids = list(self.ids)
        return self.ids


def peers_of(value: Tl) -> Iterator[int]:
    """Give the marked ids of everybody that an object speaks of, some of them several times."""
    if isinstance(value, list):
        for each in value:
            yield from peers_of(each)
    elif isinstance(value, types.PeerUser | types.PeerChat | types.PeerChannel):
        yield utils.get_peer_id(value)
    elif isinstance(value, TLObject):
        for name, inner in vars(value).items():
            yield from _field_peers(name, inner)


def _field_peers(name: str, value: Tl) -> Iterator[int]:
    if isinstance(value, int):
        if name in _USER_FIELDS:
            yield value
        elif name == "channel_id":
            yield utils.get_peer_id(types.PeerChannel(value))
        elif name == "chat_id":
            yield -value
    elif name in ("users", "winners") and isinstance(value, list):
        yield from (each for each in value if isinstance(each, int))
    elif name == "channels" and isinstance(value, list):
        yield from (utils.get_peer_id(types.PeerChannel(each)) for each in value)
    elif isinstance(value, list | TLObject):
        yield from peers_of(value)
