"""Snapshots for tests of retention: manifests made of what matters there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from tgvault.retention.duration import Duration
from tgvault.retention.rules import Decision, KeepRules, decide
from tgvault.state.memory import Sighting
from tgvault.vault.manifests import Manifest, Node, SnapshotName, SourceRecord
from tgvault.vault.opened import Snapshot

#: Long after everything that tests make up.
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    """A time in UTC: `2026-11-23`, or `2026-11-23 18:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_snapshot(
    time: str | datetime,
    *parents: Snapshot | str,
    sequence: int | None = None,
    content: str | None = None,
    tags: Iterable[str] = (),
    archive: str = "main",
    duration: float = 0,
    messages: int = 10,
    findings: Iterable[Mapping[str, object]] = (),
) -> Snapshot:
    """Make a snapshot from its parents; without `content` it holds what no other one does."""
    when = moment(time) if isinstance(time, str) else time
    names = tuple(each if isinstance(each, str) else each.name for each in parents)
    numbers = [each.manifest.sequence for each in parents if isinstance(each, Snapshot)]
    number = sequence if sequence is not None else max(numbers, default=0) + 1
    seed = content or f"{when} {names} {number} {archive} {duration} {messages}"
    report = {"duration": duration, "messages": {"total": messages}, "chats": 1, "findings": list(findings)}
    manifest = Manifest(
        vault="v",
        archive=archive,
        account=None,
        sequence=number,
        parents=names,
        time=when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        host="h",
        tool="t",
        source=SourceRecord("fake", "made up", "/", "2026-01-01T00:00:00Z"),
        policy="keep",
        chats=Node(hashlib.sha256(seed.encode()).hexdigest(), 0, 1, "a", "b"),
        documents=None,
        layout=None,
        files=None,
        report=msgspec.Raw(msgspec.json.encode(report)),
        tags=tuple(tags),
    )
    digest = hashlib.sha256(msgspec.json.encode(manifest)).hexdigest()
    return Snapshot(SnapshotName(f"snapshots/{when.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest}.age"), manifest)


def a_line(*times: str | datetime, archive: str = "main") -> list[Snapshot]:
    """Make snapshots one after another."""
    made: list[Snapshot] = []
    for time in times:
        made.append(a_snapshot(time, *made[-1:], archive=archive))
    return made


def days(first: str, count: int, *, step: timedelta = timedelta(days=1)) -> list[Snapshot]:
    """Make a line with the same time between any two."""
    return a_line(*(moment(first) + step * number for number in range(count)))


def decided(
    snapshots: Iterable[Snapshot],
    rules: KeepRules,
    *,
    now: datetime = NOW,
    sightings: Mapping[SnapshotName, Sighting] | None = None,
    forgotten: Iterable[Snapshot] = (),
) -> list[Decision]:
    """Decide by the calendar of UTC, on a machine that sees the vault for the first time."""
    return decide(snapshots, rules, now=now, sightings=sightings or {}, forgotten=forgotten, zone=UTC)


def kept(decisions: Iterable[Decision]) -> list[Snapshot]:
    """The snapshots that stay."""
    return [each.snapshot for each in decisions if each.keep]


def within(text: str) -> KeepRules:
    """The rule that keeps what is not older."""
    return KeepRules(within=Duration.parse(text))
