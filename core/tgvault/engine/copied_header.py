"""Whether a copy is one of the vault, and whether its `vault.json` may be replaced."""

from __future__ import annotations

from tgvault.contracts.sink import Sink
from tgvault.errors import CorruptObjectError, ForgedObjectError, NotAVaultError, TruncatedObjectError, VaultError
from tgvault.vault.diagnosis import is_named_by_content
from tgvault.vault.header import VaultHeader, read_header

__all__ = ["check_same", "header_of", "is_sound"]


def header_of(sink: Sink) -> VaultHeader | None:
    """Read the header of the vault in a sink; None where there is none. See `VaultHeader.parse` for what is raised."""
    try:
        return read_header(sink)
    except NotAVaultError:
        return None


def check_same(wanted: VaultHeader, primary: Sink, copy: Sink, *, name: str, is_new: bool) -> VaultHeader | None:
    """Make sure that the copy is one of the vault; gives its header, None where it has none that can be read.

    Raises:
        NotAVaultError: there is no copy of the vault at that place.
        ForgedObjectError: there is another vault at that place.
        TruncatedObjectError, CorruptObjectError: its `vault.json` is damaged, and nothing else tells whose place it is.
    """
    try:
        there = header_of(copy)
    except (TruncatedObjectError, CorruptObjectError):
        if not _have_in_common(primary, copy):
            raise
        # A damaged `vault.json` tells nothing, but the objects do; a good one takes its place.
        return None
    # What lies there of the vault's own tells whose place it is: a first sync that was cut off goes on.
    if there is None and not is_new and not _have_in_common(primary, copy):
        raise NotAVaultError(
            f"there is no copy of the vault at the place of copy `{name}`",
            hint=f"see whether the right disk is mounted; a new copy is begun with `tgvault sync {name} --init`",
        )
    if there is not None and (there.vault_id, there.data, there.index) != (wanted.vault_id, wanted.data, wanted.index):
        raise ForgedObjectError(
            f"there is another vault at the place of copy `{name}` than the one of `[sink]`",
            hint=f"see which of the two is yours; give the other one another place, in `[copies.{name}]` or `[sink]`",
        )
    return there


def is_sound(header: VaultHeader, before: VaultHeader | None, sink: Sink) -> bool:
    """Tell, as well as can be told without keys, whether a header is as a holder of the keys wrote it.

    `before` is the copy's, and `sink` the one that the header was read from.
    """
    if before is not None:
        return header.may_follow(before)
    try:
        return read_header(sink) == header
    except VaultError:
        return False


def _have_in_common(one: Sink, other: Sink) -> bool:
    names = {each.name for each in one.list("") if is_named_by_content(each.name)}
    return any(each.name in names for each in other.list(""))
