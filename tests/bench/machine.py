"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["facts"]


def facts(work: Path) -> list[str]:
    """Date, processor, memory, kernel and file system, one line each."""
    load = os.getloadavg()[0]
    processor = f"{os.cpu_count()} × {_processor()}, {_memory()} GiB"
    return [
        f"date: {datetime.now(UTC):%Y-%m-%d}",
        f"machine: {processor}, Linux {platform.release()}, {_file_system(work)}",
        f"load when the run began: {load:.2f}" + (" (not quiet: take no figure from this run)" if load > 0.5 else ""),
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30))


def _file_system(folder: Path) -> str:
    """The type of the file system that the longest mount point above the folder has."""
    best = ("", "unknown file system")
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, point, kind, *_ = line.split()
        if folder.resolve().is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]
