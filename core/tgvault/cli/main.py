"""The entry point.

Worker processes import this module, too, since it is the main module of their parent; so it imports nothing by itself.
"""

__all__ = ["run"]


def run() -> int:
    """Run the command line of this process; returns the exit code."""
    try:
        from tgvault.cli.signals import leave_at_once

        # Before anything else: imports take a tenth of a second, and somebody may stop the run in the midst of them.
        leave_at_once()
    except KeyboardInterrupt:
        import os

        os.write(2, b"\nstopped\n")
        return 130
    from tgvault.cli.frame import run_process

    return run_process()
