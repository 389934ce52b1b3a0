"""One run of the command line: what was asked, and the world it runs in."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO

from tgvault.cli.options import GlobalOptions
from tgvault.cli.signals import stop_cleanly

if TYPE_CHECKING:
    from tgvault.cli.output import Output
    from tgvault.engine.progress import Progress

__all__ = ["Invocation"]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a command gets besides its own arguments. Everything it does to the world goes through here."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    clock: Callable[[], float] = time.monotonic
    options: GlobalOptions = field(default_factory=GlobalOptions)
    #: Called once when everything is imported and the command begins.
    begin: Callable[[], None] = lambda: None

    @classmethod
    def of_process(cls) -> Self:
        """The streams, environment and folder of this process."""
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ, Path.cwd(), begin=stop_cleanly)

    @property
    def output(self) -> Output:
        """Where to write."""
        from tgvault.cli.output import Output

        said = self.options
        return Output(self.stdout, self.stderr, bool(said.json), bool(said.quiet), bool(said.verbose))

    def progress(self) -> Progress:
        """Who is told of progress: a bar, lines, or nobody."""
        from tgvault.cli.progress import progress_for

        return progress_for(self.output, clock=self.clock)
