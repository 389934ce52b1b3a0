"""A copy of `vault.json` in the local state, and writing the object anew where it is damaged."""

from __future__ import annotations

from tgvault.contracts.sink import Sink
from tgvault.errors import VaultError
from tgvault.keys.unlock import Unlocked
from tgvault.state.memory import Memory
from tgvault.vault.header import HEADER, VaultHeader, read_header

__all__ = ["mend_header", "with_copy"]

_FACT = "vault.json"


def with_copy(unlocked: Unlocked, memory: Memory) -> Unlocked:
    """Remember a header that is good; in place of one that was made anew, give the one remembered, if it is good."""
    copy = memory.fact(_FACT)
    if unlocked.damage is None:
        text = unlocked.header.to_json()
        if text != copy:
            memory.set_fact(_FACT, text)
        return unlocked
    if copy is None:
        return unlocked
    try:
        header = VaultHeader.parse(copy)
        header.check(unlocked.bundle)
    except VaultError:
        return unlocked
    return Unlocked(header, unlocked.bundle, unlocked.opened, unlocked.damage)


def mend_header(sink: Sink, unlocked: Unlocked) -> bool:
    """Write `vault.json` anew if it was damaged when the vault was unlocked, and is so still; tells whether it was.

    Slots that are not on the list of the new one go on opening the vault, and come back onto it when somebody changes
    the slots with them.
    """
    if unlocked.damage is None or _is_good(sink, unlocked):
        return False
    sink.replace(HEADER, unlocked.header.to_json())
    return True


def _is_good(sink: Sink, unlocked: Unlocked) -> bool:
    """Read it once more: it may have been the reading that was bad, and the one made anew lists fewer slots."""
    try:
        read_header(sink).check(unlocked.bundle)
    except VaultError:
        return False
    return True
