"""Which of the mounted disks is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tgvault.api import SinkUnavailableError, SinkWaitingError
from tgvault_plugins.external_disk.config import ExternalDiskConfig
from tgvault_plugins.external_disk.volumes import Volume, choose

FAT = Volume("8:17", Path("/media/a"), frozenset({"BACKUP"}), frozenset({"6BBD-7BBC"}))
NTFS = Volume("8:33", Path("/media/b"), frozenset({"Bücher"}), frozenset({"0CAFB61B3CD461C9"}))
TWIN = Volume("8:49", Path("/media/a1"), frozenset({"BACKUP"}), frozenset({"77AA-00BB"}))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"label": "BACKUP"}, FAT),
        ({"label": "Backup "}, FAT),
        ({"label": "BÜCHER"}, NTFS),
        ({"volume": "6BBD-7BBC"}, FAT),
        ({"volume": "6bbd7bbc"}, FAT),
        ({"volume": "0cafb61b3cd461c9"}, NTFS),
        ({"volume": "3CD4-61C9"}, NTFS),
    ],
)
def test_a_disk_is_known_by_its_name_or_id(settings: dict[str, str], expected: Volume) -> None:
    assert choose(ExternalDiskConfig(**settings), [FAT, NTFS]) is expected


@pytest.mark.parametrize("volume", ["", "7BBC", "61C9", "BACKUP", "0000000000006BBD7BBC"])
def test_half_an_id_is_none(volume: str) -> None:
    with pytest.raises(SinkWaitingError):
        choose(ExternalDiskConfig(volume=volume or "-"), [FAT, NTFS])


def test_a_disk_that_is_not_there_is_waited_for() -> None:
    with pytest.raises(SinkWaitingError) as caught:
        choose(ExternalDiskConfig(label="BACKUP"), [NTFS])

    assert str(caught.value) == "disk `BACKUP` is not plugged in"
    assert caught.value.hint == "plug it in and run the command again"
    assert caught.value.exit_code == 103


def test_two_disks_of_one_name_are_refused_and_both_named() -> None:
    with pytest.raises(SinkUnavailableError) as caught:
        choose(ExternalDiskConfig(label="BACKUP"), [FAT, NTFS, TWIN])

    assert not isinstance(caught.value, SinkWaitingError)
    assert str(caught.value) == "2 disks are called `BACKUP`: `/media/a` and `/media/a1`"
    assert caught.value.hint is not None
    assert '"6BBD-7BBC" or "77AA-00BB"' in caught.value.hint


def test_two_copies_of_one_disk_are_refused_too() -> None:
    clone = Volume("8:65", Path("/media/clone"), FAT.labels, FAT.ids)

    with pytest.raises(SinkUnavailableError, match=r"`/media/a` and `/media/clone`") as caught:
        choose(ExternalDiskConfig(volume="6BBD-7BBC"), [FAT, clone])

    assert caught.value.hint == "unplug the other one, or say in `vault.toml` which one is meant"


def test_one_disk_that_is_mounted_twice_is_one() -> None:
    again = Volume(FAT.device, Path("/mnt/again"), FAT.labels, FAT.ids)

    assert choose(ExternalDiskConfig(label="BACKUP"), [FAT, again]).device == FAT.device
