"""Showing what a run found: losses always, the rest unless told to be quiet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import typer

from tgvault.cli.output import Output
from tgvault.cli.safe import safe_line
from tgvault.cli.text import count
from tgvault.errors import EXIT_WITH_LOSSES
from tgvault.model.findings import Finding

__all__ = ["leave_with", "show_findings"]

#: Lines of each sort that are shown unless somebody asks for all.
SHOWN = 10


def show_findings(findings: Iterable[Finding], output: Output, *, about: str = "") -> None:
    """List losses, then what is worth knowing, on standard error. In JSON they stand in the document.

    `about` names what they are of, where that may be one of several.
    """
    if output.json:
        return
    rows = list(findings)
    losses = [each for each in rows if each.is_loss]
    others = [each for each in rows if not each.is_loss]
    if losses:
        of = f" of {about}" if about else ""
        output.warn(f"\nnot in the result{of}: {count(sum(each.count for each in losses), 'thing')}")
        _list(losses, output, verbose=output.verbose)
    if others and not output.quiet:
        output.warn(f"\nworth knowing of {about}:" if about else "\nworth knowing:")
        _list(others, output, verbose=output.verbose)


def leave_with(losses: int) -> None:
    """End the run with the exit code for losses, if there were any."""
    if losses:
        raise typer.Exit(EXIT_WITH_LOSSES)


def _list(findings: Sequence[Finding], output: Output, *, verbose: bool) -> None:
    shown = findings if verbose else findings[:SHOWN]
    for each in shown:
        output.warn(f"  {_line(each)}")
    if len(shown) < len(findings):
        output.warn(f"  … and {count(len(findings) - len(shown), 'line')} more; `--verbose` shows all")


def _line(finding: Finding) -> str:
    times = f" (×{finding.count:,})" if finding.count > 1 else ""
    detail = f": {safe_line(finding.detail)}" if finding.detail else ""
    return f"{finding.kind.value}: {safe_line(finding.subject)}{detail}{times}"
