"""Runs that are stopped, and runs with losses."""

from __future__ import annotations

import io

import pytest
import typer

from tgvault.cli.findings import leave_with
from tgvault.cli.output import Output
from tgvault.cli.running import resumable


def test_a_run_that_is_stopped_says_that_it_can_go_on() -> None:
    err = io.StringIO()

    with pytest.raises(KeyboardInterrupt), resumable(Output(io.StringIO(), err)):
        raise KeyboardInterrupt

    assert "run the command again to go on" in err.getvalue()


def test_losses_have_an_exit_code_and_none_have_none() -> None:
    leave_with(0)

    with pytest.raises(typer.Exit) as caught:
        leave_with(2)

    assert caught.value.exit_code == 3
