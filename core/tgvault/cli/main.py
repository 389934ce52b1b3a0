"""The entry point.

Worker processes import this module, too, since it is the main module of their parent; so it imports nothing by itself.
"""

__all__ = ["run"]


def run() -> int:
    """Run the command line of this process; returns the exit code."""
    from tgvault.cli.frame import run_process

    return run_process()
