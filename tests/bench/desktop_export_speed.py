"""How long reading a large `result.json` takes, and how much memory: run it by hand, it is no test.

python tests/bench/desktop_export_speed.py EXPORT_FOLDER
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tgvault.api import Message, Span
from tgvault_plugins.desktop_export.source import DesktopExport, DesktopExportConfig


def anonymous_memory() -> int:
    """RssAnon of this process in bytes, where the system tells it; otherwise its peak size."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def _starts(ids: Sequence[int]) -> list[int]:
    return [place for place, number in enumerate(ids) if number % 128 == 0]


def main() -> None:
    source = DesktopExport(DesktopExportConfig(path=Path(sys.argv[1])))
    began = time.perf_counter()
    info = source.info()
    told = time.perf_counter()
    files = sum(1 for _ in source.media())
    listed = time.perf_counter()
    spans = [record for record in source.records(_starts) if isinstance(record, Span)]
    outlined = time.perf_counter()
    cpu, count, size, peak = time.process_time(), 0, 0, 0
    for span in spans:
        for record in source.expand(span):
            if isinstance(record, Message):
                count += 1
                size += len(record.body)
        peak = max(peak, anonymous_memory())
    done, cpu = time.perf_counter(), time.process_time() - cpu
    source.close()
    print(
        f"{info.form}: {info.bytes_total / 1e6:.0f} MB, {files} files, {count} messages, {size / 1e6:.0f} MB of bodies"
    )
    print(f"info {told - began:.3f} s, media {listed - told:.3f} s, outline and cuts {outlined - listed:.3f} s")
    print(f"expand {done - outlined:.3f} s, {cpu / count * 1e6:.2f} µs of processor a message")
    print(f"peak anonymous memory {peak / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
