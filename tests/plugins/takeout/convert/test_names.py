from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault_plugins.takeout.convert.names import extension_for, file_name


def _name(original: str, extension: str = ".mp4") -> str:
    return file_name(original, number=7, default="video", extension=extension)


@pytest.mark.parametrize(
    ("original", "name"),
    [
        ("report.tar.gz", "report_7.tar.gz"),
        ("Song.mp3", "Song_7.mp3"),
        ("README", "README_7"),
        ("", "video_7.mp4"),
        ("   ", "video_7.mp4"),
        (".bashrc", "video_7.bashrc"),
        ("../../etc/passwd", "video_7.._.._etc_passwd"),
        ('a/b\\c:d*e?f"g<h>i|j.txt', "a_b_c_d_e_f_g_h_i_j_7.txt"),
        ("CON", "CON_7"),
        ("nul.txt", "nul_7.txt"),
        ("trailing. . ", "trailing_7"),
        ("evil\u202egpj.exe", "evil_gpj_7.exe"),
        ("zero\x00nl\nesc\x1b.txt", "zero_nl_esc__7.txt"),
        ("👨‍👩‍👧.jpg", "👨‍👩‍👧_7.jpg"),
        ("отчёт 2024.pdf", "отчёт 2024_7.pdf"),
        ("half\ud800.txt", "half__7.txt"),
    ],
)
def test_a_name_is_made_fit_for_any_file_system(original: str, name: str) -> None:
    assert _name(original) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = _name("я" * 300 + ".jpeg")

    assert name.endswith("_7.jpeg")
    assert 110 < len(name.encode()) <= 120


def test_a_long_extension_is_none() -> None:
    assert _name("a." + "x" * 200) == "a_7"
    assert _name("v1.2 of the long long title.mkv") == "v1_7.mkv"


@given(st.text(), st.integers(-(1 << 63), (1 << 63) - 1))
def test_whatever_the_sender_wrote_the_result_is_one_plain_name(original: str, number: int) -> None:
    name = file_name(original, number=number, default="file", extension="")

    assert 0 < len(name.encode()) <= 120
    assert not set('/\\:*?"<>|\0') & set(name)
    assert name not in {".", ".."}
    assert name[-1] not in " ."
    assert str(number) in name


def test_types_have_extensions() -> None:
    assert extension_for("IMAGE/PNG", default="") == ".png"
    assert extension_for("x/unheard", default=".bin") == ".bin"
