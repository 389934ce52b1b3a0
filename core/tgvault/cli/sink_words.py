"""What the commands of sinks came to, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.cli.output import Output
from tgvault.cli.table import Column, Table
from tgvault.engine.sink_info import SinkInfo
from tgvault.engine.trying import Trial, TrialReport

__all__ = [
    "AddedSink",
    "KeptCredential",
    "RemovedSink",
    "SinkList",
    "TrialReports",
    "added_in_words",
    "kept_in_words",
    "removed_in_words",
    "sinks_in_words",
    "trials_in_words",
]


class SinkList(msgspec.Struct, frozen=True):
    """The vault's sinks."""

    sinks: Annotated[
        list[SinkInfo], Meta(description="The vault's own first, then the copies as `vault.toml` has them.")
    ]


class TrialReports(msgspec.Struct, frozen=True):
    """What trying out sinks came to."""

    sinks: Annotated[list[TrialReport], Meta(description="One by one.")]


class AddedSink(msgspec.Struct, frozen=True):
    """A copy that was added, or was not."""

    name: Annotated[str, Meta(description="The copy's name.")]
    added: Annotated[bool, Meta(description="Whether it stands in `vault.toml` now.")]
    place: Annotated[str, Meta(description="Where it leads.")]
    trial: Annotated[TrialReport | None, Meta(description="What trying it out came to, or null with `--no-test`.")]


class KeptCredential(msgspec.Struct, frozen=True):
    """A credential that was put into the OS keyring."""

    sink: Annotated[str, Meta(description="Whose it is.")]
    name: Annotated[str, Meta(description="What it is called there.")]


class RemovedSink(msgspec.Struct, frozen=True):
    """A copy that was taken out of `vault.toml`."""

    name: Annotated[str, Meta(description="The copy's name.")]
    place: Annotated[str | None, Meta(description="Where its objects still lie, or null where that cannot be told.")]
    forgotten: Annotated[str | None, Meta(description="The credential that the OS keyring has no more, or null.")]


def sinks_in_words(said: SinkList, output: Output) -> None:
    """Write the vault's sinks as a table, and below it what is wrong with one."""
    columns = (
        Column("sink", whole=True),
        Column("type"),
        Column("where", wraps=True),
        Column("credential", wraps=True),
        Column("medium", spare=1),
        Column("offsite", spare=1),
    )
    output.table(Table(columns, [_row(each) for each in said.sinks]))
    for each in said.sinks:
        if each.problem is not None:
            output.warn(f"problem: {each.problem}" + (f"\nhint: {each.hint}" if each.hint else ""))


def _row(each: SinkInfo) -> tuple[str, str, str, str, str, str]:
    offsite = "?" if each.offsite is None else "yes" if each.offsite else "no"
    return each.name, each.type, each.place or "?", _credential(each), each.medium or "?", offsite


def _credential(each: SinkInfo) -> str:
    if each.credential is not None:
        return each.credential.replace("`", "")
    if each.problem is not None:
        return "lacking" if each.needs else "?"
    return "none is needed"


def trials_in_words(said: TrialReports, output: Output) -> None:
    """Write what was tried, a line each."""
    for report in said.sinks:
        output.line(f"{report.sink}: {_verdict(report)}")
        for line in _lines(report):
            output.line(line)


def _verdict(report: TrialReport) -> str:
    if report.ok:
        return "all is well"
    if not report.trials[0].ok:
        return "it could not be tried out"
    return "no vault can be kept there as it is"


def _lines(report: TrialReport) -> Iterator[str]:
    for each in report.trials:
        yield _line(each)
        if each.hint:
            yield f"           hint: {each.hint}"


def _line(each: Trial) -> str:
    told = f": {each.detail}" if each.detail else ""
    return f"  {'ok' if each.ok else 'problem':<7}  {each.name}{told}"


def added_in_words(said: AddedSink, output: Output) -> None:
    """Write what trying the new copy out came to, and where it leads."""
    if said.trial is not None:
        trials_in_words(TrialReports([said.trial]), output)
    if said.added:
        output.line(f"copy {said.name} leads to {said.place}")


def kept_in_words(said: KeptCredential, output: Output) -> None:
    """Write where a credential is kept."""
    output.line(f"the keyring has it as {said.name}")


def removed_in_words(said: RemovedSink, output: Output) -> None:
    """Write what was taken out."""
    output.line(
        f"copy {said.name} is gone from the configuration" + (f"; it led to {said.place}" if said.place else "")
    )
    if said.forgotten is not None:
        output.line(f"the keyring has forgotten its credential {said.forgotten}")
