"""Running a backup for the verbs that do, and telling how it went."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.unlocking import Work
from tgvault.engine.running import BackupPlan, Outcome, RunOptions, back_up

__all__ = ["resumable", "run_plan"]


def run_plan(
    work: Work, plan: BackupPlan, invocation: Invocation, *, jobs: int | None, tags: tuple[str, ...] = ()
) -> Outcome:
    """Carry out a plan with the configuration's policy; raises as `back_up` does."""
    workers = work.config.workers.jobs if jobs is None else jobs
    options = RunOptions(work.config.vault.policy, platform.node(), workers, work.accept_missing, tags)
    now = partial(datetime.now, UTC)
    return back_up(work.opened, plan, options, host=work.host, now=now, progress=invocation.progress())


@contextmanager
def resumable(output: Output) -> Iterator[None]:
    """Say, when the run is stopped, that it is no loss."""
    try:
        yield
    except KeyboardInterrupt:
        output.note("\nWhat was packed until now stays in the vault; run the command again to go on from there.")
        raise
