"""A store's faults as errors of tgvault."""

from __future__ import annotations

from dataclasses import dataclass

from tgvault.api import (
    MissingObjectError,
    SinkError,
    SinkFullError,
    SinkGoneError,
    SinkPermissionError,
    SinkUnavailableError,
    TgVaultError,
)
from tgvault_plugins.cloud.faults import Fault, Kind

__all__ = ["Place", "told"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the objects go, in words for people: ``bucket `vaults` ``, and what to do where it is not there."""

    name: str
    remedy: str


def told(fault: Fault, place: Place, path: str | None = None) -> TgVaultError:
    """Give the error to raise for a fault; path is what was asked for."""
    match fault.kind:
        case Kind.MISSING if path is not None:
            return MissingObjectError(
                f"`{path}` is not in the vault",
                hint="look for it in another copy of the vault; `tgvault verify` lists everything that is missing",
            )
        case Kind.MISSING | Kind.NO_PLACE:
            return SinkGoneError(f"there is no {place.name}", hint=place.remedy)
        case Kind.DENIED:
            return SinkPermissionError(
                f"{place.name} does not allow it: {fault.reason}",
                hint="give the right credential with `tgvault sink login NAME`, and see that it may read, write, list"
                " and delete there",
            )
        case Kind.FULL:
            return SinkFullError(f"{place.name} has no room left: {fault.reason}", hint="make room there, or buy more")
        case Kind.BUSY:
            return SinkUnavailableError(
                f"{place.name} asks to come again later: {fault.reason}", hint="run again in some minutes"
            )
        case Kind.PASSING:
            return SinkUnavailableError(
                f"{place.name} cannot be reached: {fault.reason}",
                hint="see whether network and store work, and the address is right; what was stored is not lost",
            )
        case Kind.LASTING | Kind.EMPTY:
            return SinkError(f"{place.name} refuses: {fault.reason}", hint="see whether its settings are right")
