"""Looking into wheels: those of strangers, and those of enemies."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.errors import PluginRefusedError
from tgvault.host import wheel as module
from tgvault.host.wheel import Wheel, inspect_wheel
from wheels import MANIFEST, Draft


def inspect(draft: Draft, folder: Path, **taken: list[str]) -> Wheel:
    return inspect_wheel(draft.write(folder), taken=taken)


def test_a_wheel_says_what_it_brings_and_needs(tmp_path: Path) -> None:
    native = ("tgvault_letters/fast.abi3.so", "tgvault_letters/libfast.so.1.2")
    draft = Draft(requires=["stamps>=2"]).with_files(dict.fromkeys(native, b"\x7fELF"))

    wheel = inspect(draft, tmp_path)

    (plugin,) = wheel.plugins
    assert (wheel.name, wheel.version) == ("tgvault-letters", "1.2")
    assert (wheel.requires, wheel.native) == (("stamps>=2",), native)
    assert (plugin.name, plugin.target) == ("letters", "tgvault_letters")
    assert plugin.manifest.brings == ("sink letters",)
    assert [each.host for each in plugin.manifest.network] == ["post.example.org"]


def test_a_plugin_may_lie_deeper_and_bear_another_name_than_its_distribution(tmp_path: Path) -> None:
    draft = Draft(entry_points="[tgvault.plugins]\nletters = post.office:hooks\n").with_files(
        {"post/__init__.py": b"", "post/office.py": b"hooks = None", "post/plugin.toml": MANIFEST.encode()}
    )

    wheel = inspect(draft, tmp_path)

    assert wheel.plugins[0].target == "post.office:hooks"


_GROUPS = "[tgvault.plugins]\nletters = tgvault_letters\n"

HOSTILE = {
    "no plugin": (Draft(entry_points="[console_scripts]\nletters = tgvault_letters:main\n"), "holds no plugin"),
    "no entry points": (Draft().with_files({f"{Draft().info}/entry_points.txt": None}), "holds no plugin"),
    "a command": (Draft(entry_points=_GROUPS + "[console_scripts]\ntgvault = tgvault_letters:main\n"), "hooks into"),
    "a hook into pytest": (Draft(entry_points=_GROUPS + "[pytest11]\nletters = tgvault_letters\n"), "hooks into"),
    "a bundled name": (Draft(entry_points="[tgvault.plugins]\nlocal = tgvault_letters\n"), "one of tgvault's own"),
    "a target that is none": (Draft(entry_points="[tgvault.plugins]\nletters = os; x\n"), "no entry point of a plugin"),
    "entry points without a group": (Draft(entry_points="letters = tgvault_letters"), "holds no plugin"),
    "entry points that are none": (Draft(entry_points="[tgvault.plugins]\nletters"), "has a mistake"),
    "entry points twice": (Draft(entry_points=_GROUPS + "letters = tgvault_letters\n"), "twice"),
    "one in what looks like a comment": (Draft(entry_points=_GROUPS + ";x = tgvault_letters\n"), "no entry point of a"),
    "one behind another": (Draft(entry_points=_GROUPS + "  [pytest11]\n  x = tgvault_letters\n"), "hooks into"),
    "entry points that are no text": (Draft().with_files({f"{Draft().info}/entry_points.txt": b"\xff"}), "a mistake"),
    "a file that runs at once": (Draft().with_files({"tgvault_letters.pth": b"import os"}), "whenever Python starts"),
    "one deeper": (Draft().with_files({"tgvault_letters/a.pth": b"import os"}), "whenever Python starts"),
    "one in the data": (
        Draft().with_files({"tgvault_letters-1.2.data/purelib/a.pth": b"import os"}),
        "whenever Python starts",
    ),
    "a program": (Draft().with_files({"tgvault_letters-1.2.data/scripts/ls": b"#!python"}), "outside of its own"),
    "somebody else's package": (Draft().with_files({"requests/__init__.py": b""}), "outside of its own"),
    "a customisation of Python": (Draft().with_files({"sitecustomize.py": b""}), "outside of its own"),
    "a part of tgvault": (Draft().with_files({"tgvault/errors.py": b""}), "outside of its own"),
    "tgvault itself": (
        Draft(name="tgvault", entry_points="[tgvault.plugins]\nletters = tgvault\n"),
        "tgvault's own package",
    ),
    "a bundled plugin": (
        Draft(entry_points="[tgvault.plugins]\nletters = tgvault_plugins.letters\n").with_files(
            {"tgvault_plugins/letters.py": b"", "tgvault_plugins/plugin.toml": MANIFEST.encode()}
        ),
        "tgvault's own package",
    ),
    "a module of Python": (
        Draft(entry_points="[tgvault.plugins]\nletters = json\n").with_files(
            {"json/__init__.py": b"", "json/plugin.toml": MANIFEST.encode()}
        ),
        "Python's own module",
    ),
    "no manifest": (Draft().with_files({"tgvault_letters/plugin.toml": None}), "does not say what it brings"),
    "a manifest with a mistake": (
        Draft().with_files({"tgvault_letters/plugin.toml": MANIFEST.encode() + b"[[secret]]"}),
        "unknown key `secret`",
    ),
    "another plugin API": (
        Draft().with_files({"tgvault_letters/plugin.toml": MANIFEST.replace(">=1.0,<2", ">=2").encode()}),
        "plugin API >=2",
    ),
    "a path upwards": (Draft().with_files({"tgvault_letters/../../evil.py": b""}), "leads out of"),
    "a path from the root": (Draft().with_files({"/etc/passwd": b""}), "leads out of"),
    "an empty part": (Draft().with_files({"tgvault_letters//x.py": b""}), "leads out of"),
    "a drive": (Draft().with_files({"C:evil.py": b""}), "not every system"),
    "a backslash": (Draft().with_files({"tgvault_letters\\..\\..\\evil.py": b""}), "not every system"),
    "a long name": (Draft().with_files({"tgvault_letters/" + "x" * 300: b""}), "not every system"),
    "one name in two cases": (Draft().with_files({"tgvault_letters/__INIT__.py": b""}), "twice"),
    "a file that is not recorded": (
        Draft().with_files({"tgvault_letters-1.2.dist-info/RECORD": b"tgvault_letters/plugin.toml,,\n"}),
        "is not",
    ),
    "no record": (Draft().with_files({"tgvault_letters-1.2.dist-info/RECORD": b""}), "is not in its `RECORD`"),
    "a record that is none": (
        Draft().with_files({"tgvault_letters-1.2.dist-info/RECORD": b'"\xff'}),
        "cannot be read",
    ),
    "no metadata": (Draft().with_files({f"{Draft().info}/METADATA": None}), "has a mistake"),
    "another's metadata": (
        Draft().with_files({f"{Draft().info}/METADATA": b"Metadata-Version: 2.1\nName: other\nVersion: 1.2\n"}),
        "that of `other` 1.2",
    ),
    "a second distribution": (
        Draft().with_files({"other-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: other\nVersion: 1\n"}),
        "not just the one",
    ),
}


@pytest.mark.parametrize(("draft", "wrong"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_no_plugin_may_be_is_refused(draft: Draft, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(PluginRefusedError, match=wrong) as caught:
        inspect(draft, tmp_path)

    assert caught.value.hint is not None


def test_a_file_that_was_changed_is_named(tmp_path: Path) -> None:
    draft = Draft()
    recorded = draft.content()[draft.record]

    with pytest.raises(PluginRefusedError, match=r"`tgvault_letters/__init__.py` in .* is not what its"):
        inspect(draft.with_files({draft.record: recorded, "tgvault_letters/__init__.py": b"evil()"}), tmp_path)


def test_a_file_that_is_recorded_and_missing_is_named(tmp_path: Path) -> None:
    draft = Draft()
    recorded = draft.content()[draft.record] + b"tgvault_letters/more.py,sha256=x,1\n"

    with pytest.raises(PluginRefusedError, match=r"`tgvault_letters/more.py` is in the `RECORD` of .* and not in it"):
        inspect(draft.with_files({draft.record: recorded}), tmp_path)


def test_the_package_of_another_distribution_is_left_to_that(tmp_path: Path) -> None:
    with pytest.raises(PluginRefusedError, match="the package `tgvault_letters` of `other`"):
        inspect(Draft(), tmp_path, tgvault_letters=["other"])


def test_an_upgrade_may_take_its_own_place(tmp_path: Path) -> None:
    assert inspect(Draft(), tmp_path, tgvault_letters=["TGVault_Letters"]).version == "1.2"


def _link(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as packed:
        entry = zipfile.ZipInfo("tgvault_letters/link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(entry, "/etc/passwd")


def _encrypted(file: Path) -> None:
    data = bytearray(file.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    file.write_bytes(data)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def _flipped(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data.replace(b"def tgvault_sinks", b"def tgvault_sinkz", 1))


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [(_link, "no plain file"), (_encrypted, "encrypted"), (_cut, "no whole wheel"), (_flipped, "no whole wheel")],
)
def test_a_zip_that_is_not_as_it_should_be_is_refused(
    spoil: Callable[[Path], None], wrong: str, tmp_path: Path
) -> None:
    file = Draft().write(tmp_path)
    spoil(file)

    with pytest.raises(PluginRefusedError, match=wrong):
        inspect_wheel(file, taken={})


def test_a_zip_that_says_something_else_from_front_to_back_is_refused(tmp_path: Path) -> None:
    file = Draft().write(tmp_path)
    file.write_bytes(b"#!/bin/sh\n" + file.read_bytes())

    with pytest.raises(PluginRefusedError, match="not everybody reads in the same way"):
        inspect_wheel(file, taken={})


def test_a_file_that_is_no_wheel_by_its_name_is_refused(tmp_path: Path) -> None:
    file = Draft().write(tmp_path).rename(tmp_path / "letters.zip")

    with pytest.raises(PluginRefusedError, match="not named as wheels are"):
        inspect_wheel(file, taken={})


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PluginRefusedError, match="cannot be read: no such file"):
        inspect_wheel(tmp_path / "letters-1.0-py3-none-any.whl", taken={})


@pytest.mark.parametrize(("limit", "value"), [("MANY_ENTRIES", 5), ("MANY_BYTES", 100), ("MANY_BYTES_READ", 50)])
def test_one_that_is_too_large_is_not_unpacked(
    limit: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, value)

    with pytest.raises(PluginRefusedError, match="bytes"):
        inspect(Draft(), tmp_path)


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_damage_raises_nothing_else(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    file = Draft().write(tmp_path_factory.mktemp("wheel"))
    data = file.read_bytes()
    file.write_bytes(data[:at] + noise + data[at + len(noise) :])

    try:
        inspect_wheel(file, taken={})
    except PluginRefusedError as error:
        assert error.hint  # noqa: PT017
