"""Running a command and watching the memory of all its processes."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["CommandFailedError", "Measure", "Memory", "Step", "run"]

#: How often memory is read. A 16 MiB buffer lives longer than that while it is hashed, compressed and encrypted.
INTERVAL = 0.010

#: Reading the proportional share walks page tables and holds up the watched process, so it happens less often.
PSS_INTERVAL = 0.200

#: New processes are looked for at every fourth reading: the walk costs more than the reading.
WALK_EVERY = 4

_FIELDS = re.compile(rb"RssAnon:\s*(\d+) kB\nRssFile:\s*(\d+) kB\nRssShmem:\s*(\d+) kB")
_PSS = re.compile(rb"^Pss:\s*(\d+) kB", re.MULTILINE)


class CommandFailedError(Exception):
    """A measured command did not end with exit code 0; the text has the last lines of what it wrote."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command to be measured: what, where, with which environment, and where its output goes."""

    command: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    log: Path
    #: Where standard output goes instead of the log.
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """Highest values that were seen, in bytes; each at its own moment.

    `anon` is the sum of RssAnon over all processes of the tree. Pages that forked processes share count once for each,
    so it never says too little. `mapped` is the sum of RssFile and RssShmem: file mappings, program text included, and
    shared memory. `pss` divides shared pages among those who share them, zero where it was not asked for.
    """

    anon: int = 0
    mapped: int = 0
    shared: int = 0
    pss: int = 0
    processes: int = 0
    largest_process_anon: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """What a command took. Times in seconds; `cpu` is that of the whole tree; `watching` is the watcher's own."""

    seconds: float
    cpu: float
    memory: Memory
    watching: float


@dataclass
class _Watch:
    """The readings of one process tree."""

    root: int
    with_pss: bool
    tree: list[int] = field(default_factory=list)
    readings: int = 0
    peaks: dict[str, int] = field(default_factory=dict)
    next_pss: float = 0.0

    def read(self, now: float) -> None:
        """Take one reading."""
        if self.readings % WALK_EVERY == 0:
            self.tree = [self.root, *_descendants(self.root)]
        self.readings += 1
        rows = [row for row in map(_memory_of, self.tree) if row]
        self._raise("anon", sum(row[0] for row in rows))
        self._raise("mapped", sum(row[1] + row[2] for row in rows))
        self._raise("shared", sum(row[2] for row in rows))
        self._raise("processes", len(rows))
        self._raise("largest_process_anon", max((row[0] for row in rows), default=0))
        if self.with_pss and now >= self.next_pss:
            self.next_pss = now + PSS_INTERVAL
            self._raise("pss", sum(map(_pss_of, self.tree)))

    def _raise(self, name: str, value: int) -> None:
        self.peaks[name] = max(self.peaks.get(name, 0), value)


def run(step: Step, *, pss: bool = False) -> Measure:
    """Run a command to its end, reading the memory of its process tree every 10 ms.

    Raises:
        CommandFailedError: its exit code is not 0.
    """
    with step.log.open("ab") as log, (step.output or Path(os.devnull)).open("ab") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            step.command,
            cwd=step.folder,
            env=step.environment,
            stdin=subprocess.DEVNULL,
            stdout=output if step.output else log,
            stderr=log,
        )
        return _watched(process, started, step, pss=pss)


def _watched(process: subprocess.Popen[bytes], started: float, step: Step, *, pss: bool) -> Measure:
    watch, watching = _Watch(process.pid, pss), time.thread_time()
    try:
        _read_until_end(process.pid, watch)
        seconds, watching = time.perf_counter() - started, time.thread_time() - watching
    except BaseException:
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailedError(
            f"`{' '.join(step.command)}` ended with {process.returncode}:\n{_last_lines(step.log)}"
        )
    return Measure(seconds, usage.ru_utime + usage.ru_stime, Memory(**watch.peaks), watching)


def _read_until_end(pid: int, watch: _Watch) -> None:
    ended = select.poll()
    descriptor = os.pidfd_open(pid)
    try:
        ended.register(descriptor, select.POLLIN)
        while True:
            now = time.perf_counter()
            watch.read(now)
            left = INTERVAL - (time.perf_counter() - now)
            if ended.poll(max(1, left * 1000)):
                return
    finally:
        os.close(descriptor)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for child in _children(pid):
        found += [child, *_descendants(child)]
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, _read(f"{task}/children").split())
    except OSError:
        pass  # the process or the thread ended meanwhile
    return children


def _memory_of(pid: int) -> tuple[int, int, int] | None:
    """RssAnon, RssFile and RssShmem of one process in bytes; none of one that has ended."""
    found = _FIELDS.search(_read(f"/proc/{pid}/status"))
    if not found:
        return None
    return int(found[1]) << 10, int(found[2]) << 10, int(found[3]) << 10


def _pss_of(pid: int) -> int:
    found = _PSS.search(_read(f"/proc/{pid}/smaps_rollup"))
    return int(found[1]) << 10 if found else 0


def _read(path: str) -> bytes:
    # Not pathlib: this runs hundreds of times a second beside what is measured.
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 8192)
    except OSError:  # ended between the two calls
        return b""
    finally:
        os.close(descriptor)


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
