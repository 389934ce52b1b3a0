"""`python -m tgvault`."""

import sys

from tgvault.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
