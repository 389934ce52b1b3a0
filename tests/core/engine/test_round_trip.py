"""What goes in comes out: exports in the exporter's own dialect, through the real source and the real sink."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from export_support import QUICK, Export, as_pairs, exports, kept_in, merged, next_exports, read_pairs
from restore_support import DiskVault, files_below, result

SAMPLES = Path(__file__).parents[2] / "samples"


def examples(number: int) -> settings:
    return settings(max_examples=number, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@contextmanager
def a_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=QUICK) as name:
        yield Path(name)


@examples(40)
@given(exports())
def test_an_exact_restore_gives_back_what_was_imported(export: Export) -> None:
    with a_folder() as folder:
        vault = DiskVault(folder / "vault")
        vault.back_up(export.write(folder / "export"))

        report = vault.restore(folder / "out", exact=True)

        assert read_pairs(folder / "out" / "result.json") == as_pairs(export.members())
        assert files_below(folder / "out") == export.contents()
        assert report.findings == []


@examples(40)
@given(st.data())
def test_after_another_export_everything_ever_seen_comes_back(data: st.DataObject) -> None:
    first = data.draw(exports(regular=True))
    second = data.draw(next_exports(first))
    with a_folder() as folder:
        vault = DiskVault(folder / "vault")
        vault.back_up(first.write(folder / "first"), observed_at="2026-01-01T00:00:00Z")
        vault.back_up(second.write(folder / "second"), observed_at="2026-02-01T00:00:00Z")

        report = vault.restore(folder / "out")
        vault.restore(folder / "exact", exact=True)
        vault.restore(folder / "before", snapshot=0, exact=True)

        assert kept_in(folder / "out") == merged(first, second)
        assert report.losses == 0
        assert read_pairs(folder / "exact" / "result.json") == as_pairs(second.members())
        assert files_below(folder / "exact") == second.contents()
        assert read_pairs(folder / "before" / "result.json") == as_pairs(first.members())
        assert files_below(folder / "before") == first.contents()


@examples(10)
@given(st.data())
def test_what_was_restored_can_be_imported_again(data: st.DataObject) -> None:
    first = data.draw(exports(regular=True))
    second = data.draw(next_exports(first))
    with a_folder() as folder:
        vault, other = DiskVault(folder / "vault"), DiskVault(folder / "other")
        vault.back_up(first.write(folder / "first"), observed_at="2026-01-01T00:00:00Z")
        vault.back_up(second.write(folder / "second"), observed_at="2026-02-01T00:00:00Z")
        vault.restore(folder / "out")

        other.back_up(folder / "out")
        other.restore(folder / "exact", exact=True)
        other.restore(folder / "again")

        assert read_pairs(folder / "exact" / "result.json") == read_pairs(folder / "out" / "result.json")
        assert files_below(folder / "exact") == files_below(folder / "out")
        assert kept_in(folder / "again") == kept_in(folder / "out")


def sample_names() -> list[str]:
    found = [path.parent for path in SAMPLES.rglob("result.json")] + [
        path.parent for path in SAMPLES.rglob("messages.html")
    ]
    return sorted({path.relative_to(SAMPLES).as_posix() for path in found})


@pytest.mark.parametrize("name", sample_names())
def test_every_sample_survives_two_ways_out_and_one_back_in(name: str, tmp_path: Path) -> None:
    vault, other = DiskVault(tmp_path / "vault"), DiskVault(tmp_path / "other")
    vault.back_up(SAMPLES / name)

    exact = vault.restore(tmp_path / "exact", exact=True)
    full = vault.restore(tmp_path / "full")
    other.back_up(tmp_path / "full")
    other.restore(tmp_path / "again", exact=True)

    assert exact.findings == full.findings == []
    assert files_below(tmp_path / "exact").items() <= all_files(SAMPLES / name).items()
    assert sorted(files_below(tmp_path / "exact").values()) == sorted(files_below(tmp_path / "full").values())
    assert read_pairs(tmp_path / "again" / "result.json") == read_pairs(tmp_path / "full" / "result.json")
    assert messages_in(result(tmp_path / "full")) == messages_in(result(tmp_path / "exact")) > 0


def all_files(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def messages_in(value: object) -> int:
    if isinstance(value, list):
        return sum(map(messages_in, value))
    if not isinstance(value, dict):
        return 0
    return len(value.get("messages", ())) + sum(messages_in(each) for key, each in value.items() if key != "messages")
