"""One row of tgvault under a profiler."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from course import Course
from peers.base import Place
from peers.tgvault import TgVault
from rows import Row, needed
from watch import Step, run

__all__ = ["profile"]


def profile(course: Course, tool: TgVault, row: Row) -> None:
    """Run the rows that come before as they are, then this one under py-spy, or cProfile where py-spy is not installed.

    py-spy sees the worker processes too and writes a flame graph; cProfile sees the first process alone.
    The file lands in the current folder.

    Raises:
        CommandFailedError: tgvault or the profiler failed.
    """
    place = Place(course.work / "profile", course.data)
    place.make()
    tool.prepare(place)
    for earlier in needed([row]):
        step = tool.step(place, earlier)
        if step and earlier is not row:
            run(step)
    step = tool.step(place, row)
    if step is None:
        raise SystemExit(f"error: tgvault has no command for `{row}`")
    wrapped, result = _wrapped(step, row)
    measure = run(wrapped)
    course.say(f"{row.label}: {measure.seconds:.2f} s under the profiler, see `{result.name}`")


def _wrapped(step: Step, row: Row) -> tuple[Step, Path]:
    python = Path(step.command[0]).with_name("python")
    spy = shutil.which(str(python.with_name("py-spy"))) or shutil.which("py-spy")
    if spy:
        result = Path.cwd() / f"profile-{row}.svg"
        record = (spy, "record", "--subprocesses", "--rate", "250", "--native", "--output", str(result), "--")
        return replace(step, command=(*record, str(python), *step.command)), result
    result = Path.cwd() / f"profile-{row}.pstats"
    return replace(step, command=(str(python), "-m", "cProfile", "-o", str(result), *step.command)), result
