"""Writes `calls.txt` anew: run it with `tests` and the root of the repository in `PYTHONPATH`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from faults.calls import TABLE
from faults.conftest import Stage
from faults.operations import OPERATIONS
from faults.stores import install_stores


def main() -> None:
    """Carry out every command once, without any fault."""
    head = [line for line in TABLE.read_text().splitlines() if line.startswith("#")]
    with tempfile.TemporaryDirectory() as name:
        install_stores(Path(name) / "site")
        sys.path.insert(0, str(Path(name) / "site"))
        stage = Stage(Path(name))
        rows = [(operation, *each) for operation in OPERATIONS for each in stage.well(operation)[1].items()]
    lines = [f"{operation:20} | {place:7} | {' '.join(words)}" for operation, place, words in rows]
    TABLE.write_text("\n".join([*head, "", *lines]) + "\n")


if __name__ == "__main__":
    main()
