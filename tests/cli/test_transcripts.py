"""Plays the transcripts that lie beside this file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.transcript import Step, matches, play, steps

HERE = Path(__file__).parent


@pytest.mark.parametrize("transcript", sorted(path.stem for path in HERE.glob("*.txt")))
def test_the_program_prints_what_the_transcript_says(
    transcript: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {
        "EXPORTS": str(HERE / "exports"),
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "home" / "config"),
        "XDG_STATE_HOME": str(tmp_path / "home" / "state"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    for step in steps((HERE / f"{transcript}.txt").read_text(encoding="utf-8")):
        printed = play(step.command, folder=tmp_path, environment=environment)
        same = matches(step.expected, printed)

        assert same, (
            f"{transcript}.txt, line {step.line}: {step.command}\n--- expected\n{step.expected}\n--- printed\n{printed}"
        )


def test_a_transcript_is_read_into_steps() -> None:
    read = list(steps("# remark\n$ a b\nout\n\nmore\n\n$ c\n[exit 2]\n"))

    assert read == [Step(2, "a b", "out\n\nmore"), Step(7, "c", "[exit 2]")]


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb", "a\nb", True),
        ("a\nb", "a\nc", False),
        ("<id>  <size>", "0123abcd    12.5 kB", True),
        ("<id>", "0123abcd ", False),
        ("a\n...\nb", "a\nb", True),
        ("a\n...\nb", "a\nx\ny\nb", True),
        ("a\n...", "a\nx", True),
        ("a.b", "axb", False),
        ("...", "", True),
        ("", "", True),
        ("", "a", False),
        ("a\n...\na", "a", False),
        ("...\nb\n...\nb", "x\nb\ny\nb", True),
        ("...\nb\n...\nb", "x\nb", False),
        ("...\nb\nc\n...", "b\nb\nc\nd", True),
        ("a\n...\nb\n...", "a\nx", False),
    ],
)
def test_placeholders_stand_for_what_differs(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same


def test_many_gaps_in_many_lines_are_told_at_once_not_to_fit() -> None:
    printed = "\n".join(["a"] * 2_000)

    assert not matches("...\n" + "a\n...\n" * 100 + "b\n...", printed)


def test_a_shell_line_shows_its_output_and_its_code(tmp_path: Path) -> None:
    printed = play("echo hello; exit 4", folder=tmp_path, environment={"PATH": os.environ["PATH"]})

    assert printed == "hello\n[exit 4]"
