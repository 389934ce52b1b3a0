"""Disks that are mounted, and which of them is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tgvault.api import SinkUnavailableError, SinkWaitingError
from tgvault_plugins.external_disk.config import ExternalDiskConfig

__all__ = ["FindVolumes", "Volume", "choose"]

#: Digits of the serial number of NTFS: all of them as Linux tells it, and the second half, which Windows tells.
_LONG, _SHORT = 16, 8


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted file system: the device that it is on, where it is mounted, and the names and ids that it goes by."""

    device: str
    folder: Path
    labels: frozenset[str]
    ids: frozenset[str]

    def answers_to(self, wanted: ExternalDiskConfig) -> bool:
        """Tell whether it is the disk that the settings name; the case of letters does not matter."""
        if wanted.label is not None:
            return wanted.label.strip().casefold() in {label.casefold() for label in self.labels}
        return any(same_id(wanted.volume or "", each) for each in self.ids)


#: Lists the volumes that are mounted at the moment.
FindVolumes: TypeAlias = Callable[[], Iterable[Volume]]


def same_id(one: str, other: str) -> bool:
    """Tell whether two ids are the same volume's, also when Windows wrote one and Linux the other."""
    short, long = sorted((plain_id(one), plain_id(other)), key=len)
    return short == long or (len(short) == _SHORT and len(long) == _LONG and long.endswith(short))


def plain_id(text: str) -> str:
    """Write an id without dashes and in lower case."""
    return text.strip().replace("-", "").casefold()


def choose(wanted: ExternalDiskConfig, volumes: Iterable[Volume]) -> Volume:
    """Give the one mounted volume that the settings name.

    Raises:
        SinkWaitingError: there is none.
        SinkUnavailableError: there are two.
    """
    # One that is mounted in several places is still one.
    found = list({each.device: each for each in volumes if each.answers_to(wanted)}.values())
    if not found:
        raise SinkWaitingError(f"disk `{wanted.name}` is not plugged in", hint="plug it in and run the command again")
    if len(found) > 1:
        raise _several(wanted, found)
    return found[0]


def _several(wanted: ExternalDiskConfig, found: Sequence[Volume]) -> SinkUnavailableError:
    places = " and ".join(f"`{each.folder}`" for each in found)
    ids = " or ".join(f'"{min(each.ids)}"' for each in found if each.ids)
    return SinkUnavailableError(
        f"{len(found)} disks are called `{wanted.name}`: {places}",
        hint="unplug the other one, or say in `vault.toml` which one is meant"
        + (f", with `volume` in place of `label`: {ids}" if ids and wanted.label is not None else ""),
    )
