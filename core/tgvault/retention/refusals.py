"""What keeps `forget` from forgetting: rules that say nothing, and a newest snapshot that looks broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import msgspec

from tgvault.engine.amounts import count
from tgvault.engine.report import MessageNumbers
from tgvault.errors import CorruptObjectError, ShrunkenSnapshotError, UsageError
from tgvault.model.findings import Finding
from tgvault.retention.rules import Decision, KeepRules
from tgvault.state.memory import Memory
from tgvault.vault.opened import Snapshot

__all__ = ["ACCEPT_SHRUNKEN", "SHRUNKEN", "accept_shrunken", "check_kept", "check_rules", "check_shrunken"]

#: The option that accepts a shrunken snapshot, for hints.
ACCEPT_SHRUNKEN = "--accept-shrunken"

#: A newest snapshot with less than this share of what an earlier one has is taken for that of a broken run. Who leaves
#: a few chats loses some of the messages; half of all at once is an account that was cleared, or half an export.
SHRUNKEN = 0.5


class _Figures(msgspec.Struct):
    """What of a report tells whether a run went well."""

    chats: int = 0
    messages: MessageNumbers = msgspec.field(default_factory=MessageNumbers)
    findings: list[Finding] = []

    @property
    def losses(self) -> int:
        return sum(each.count for each in self.findings if each.is_loss)


def check_rules(rules: KeepRules) -> None:
    """Make sure that there is a rule.

    Raises:
        UsageError: there is none.
    """
    if rules.is_empty:
        raise UsageError(
            "no rule says what is to be kept",
            hint="give options such as `--keep-daily 7 --keep-monthly 12`, or a table `[retention]` in vault.toml",
        )


def check_kept(decisions: Iterable[Decision]) -> None:
    """Make sure that the rules keep something of each archive of which something goes.

    Raises:
        UsageError: they keep nothing, so what stays, stays for other reasons.
    """
    for archive, mine in _by_archive(decisions).items():
        if not all(each.keep for each in mine) and not any(each.rules for each in mine):
            raise UsageError(
                f"the rules keep no snapshot of archive `{archive}`",
                hint="add a rule that counts, such as `--keep-last 3`, or choose another archive with `--archive`",
            )


def check_shrunken(decisions: Iterable[Decision], memory: Memory) -> None:
    """Make sure that no archive of which something goes ends in a snapshot that looks broken.

    Figures are what the writer says: this finds runs that went wrong, and nobody who lies.

    Raises:
        ShrunkenSnapshotError: the newest snapshot has far fewer messages or chats than one before it, or its run lost
            more than the one before.
    """
    for archive, mine in _by_archive(decisions).items():
        if not all(each.keep for each in mine):
            accepted = int(memory.fact(_fact_name(archive)) or b"0")
            since = [each.snapshot for each in mine if each.snapshot.manifest.sequence >= accepted]
            _check_newest(archive, since)


def accept_shrunken(decisions: Iterable[Decision], memory: Memory) -> None:
    """Take the newest snapshot of each archive for what is right from now on; nothing before it is compared any more.

    One that nobody would refuse need not be accepted, and is not: later ones are held against what was before.
    """
    for archive, mine in _by_archive(decisions).items():
        try:
            check_shrunken(mine, memory)
        except ShrunkenSnapshotError:
            memory.set_fact(_fact_name(archive), b"%d" % mine[-1].snapshot.manifest.sequence)


def _check_newest(archive: str, line: Sequence[Snapshot]) -> None:
    *earlier, newest = [(each, _figures(each)) for each in line]
    for what in ("messages", "chats"):
        most = max(earlier, key=lambda row: _amount(row[1], what), default=newest)
        if _amount(newest[1], what) < SHRUNKEN * _amount(most[1], what):
            raise _shrunken(
                archive,
                newest[0],
                f"has {_amount(newest[1], what):,} {what}, and `{most[0].id}` before it {_amount(most[1], what):,}",
            )
    if earlier and newest[1].losses > earlier[-1][1].losses:
        before = earlier[-1]
        raise _shrunken(
            archive,
            newest[0],
            f"was made with {count(newest[1].losses, 'loss', 'losses')}, and `{before[0].id}` before it with"
            f" {before[1].losses:,}",
        )


def _amount(figures: _Figures, what: str) -> int:
    return figures.chats if what == "chats" else figures.messages.total


def _shrunken(archive: str, newest: Snapshot, wrong: str) -> ShrunkenSnapshotError:
    return ShrunkenSnapshotError(
        f"the newest snapshot of archive `{archive}`, `{newest.id}`, {wrong}",
        hint=f"see `tgvault report {newest.id}`; if all is well, run the command once with `{ACCEPT_SHRUNKEN}`, and"
        f" otherwise forget that one: `tgvault forget {newest.id} --even-newest`",
    )


def _figures(snapshot: Snapshot) -> _Figures:
    try:
        return msgspec.json.decode(snapshot.manifest.report, type=_Figures)
    except msgspec.MsgspecError as error:
        raise CorruptObjectError(f"the report in `{snapshot.name}` cannot be read: {error}") from None


def _by_archive(decisions: Iterable[Decision]) -> Mapping[str, list[Decision]]:
    return {
        archive: list(mine) for archive, mine in groupby(decisions, key=lambda each: each.snapshot.manifest.archive)
    }


def _fact_name(archive: str) -> str:
    return f"shrunken and accepted: {archive}"
