from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tgvault.engine.snapshot_info import report_of, snapshot_info, utc
from tgvault.errors import CorruptObjectError
from tgvault.model.findings import Finding, FindingKind
from tgvault.vault.opened import Snapshot
from vault_support import FakeChat, FakeSource, MemoryVault, pictured, said


def test_a_snapshot_is_described_by_its_manifest_and_the_record_of_its_run() -> None:
    memory = MemoryVault()
    findings = [Finding(FindingKind.LOST, "a message"), Finding(FindingKind.NOTE, "worth knowing")]
    chat = FakeChat([said(1, "a"), pictured(2, "gone.jpg"), pictured(3, None)])
    snapshot = memory.back_up(FakeSource([chat], account=7, findings=findings))

    info = snapshot_info(snapshot)

    assert (info.id, info.archive, info.account, info.sequence) == (snapshot.id, "main", 7, 1)
    assert (info.source.type, info.source.form, info.source.location) == ("fake", "made up", "/export")
    assert (info.host, info.policy, info.messages, info.run.new) == ("laptop", "keep", 3, 3)
    assert info.run.files_missing == 2
    # The file that is named and not there is a loss too.
    assert info.run.losses == 2


def test_a_report_that_is_none_is_called_corrupt() -> None:
    snapshot = MemoryVault().back_up(FakeSource())
    broken = msgspec.structs.replace(snapshot.manifest, report=msgspec.Raw(b"[]"))

    with pytest.raises(CorruptObjectError, match="report"):
        report_of(Snapshot(snapshot.name, broken))


def test_times_are_read_as_utc() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)

    assert utc("2026-01-01T12:00:00Z") == utc("2026-01-01T14:00:00+02:00") == utc("2026-01-01T12:00:00") == noon


def test_a_time_that_is_none_is_called_corrupt() -> None:
    with pytest.raises(CorruptObjectError, match="yesterday"):
        utc("yesterday")
