"""What plugins that are installed say of themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from tgvault.contracts.credentials import Credentialed
from tgvault.errors import PluginRefusedError
from tgvault.host.described import manifest_of, package_folder
from tgvault.host.discovery import BUNDLED, Candidate
from tgvault.host.kinds import Kind
from tgvault.host.loading import load
from wheels import MANIFEST

_SETTINGS = {
    "account": "account",
    "bucket": "bucket",
    "bucket_id": "id",
    "container": "container",
    "host": "example.org",
    "region": "region",
    "remote": "remote:folder",
    "url": "https://example.org",
}


@pytest.mark.parametrize("candidate", BUNDLED, ids=lambda each: each.name)
def test_a_bundled_plugin_says_what_it_brings(candidate: Candidate) -> None:
    brought = load(candidate).brings

    assert set(manifest_of(candidate).brings) == {f"{kind} {name}" for kind, names in brought.items() for name in names}


@pytest.mark.parametrize("candidate", [each for each in BUNDLED if each.kind == "sink"], ids=lambda each: each.name)
def test_a_bundled_sink_says_which_secrets_it_asks_for(candidate: Candidate) -> None:
    asked = set()
    for cls in load(candidate).brings[Kind.SINK].values():
        if issubclass(cls, Credentialed):
            config = cls.config  # type: ignore[attr-defined]
            needed = {name: value for name, value in _SETTINGS.items() if name in config.__struct_fields__}
            asked |= {field.name for field in cls(msgspec.convert(needed, config)).credential_fields()}  # type: ignore[call-arg]

    assert {each.name for each in manifest_of(candidate).secrets} == asked


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that would stop the test if it was imported."""
    package = tmp_path / "letters_for_test"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    return package


def test_nothing_is_imported_to_tell(package: Path) -> None:
    (package / "plugin.toml").write_text(MANIFEST)

    manifest = manifest_of(Candidate("letters", "letters_for_test.deep.down:hooks", "letters"))

    assert manifest.brings == ("sink letters",)
    assert "letters_for_test" not in sys.modules


def test_a_plugin_without_a_manifest_is_named(package: Path) -> None:
    with pytest.raises(PluginRefusedError, match="plugin `letters` does not say what it brings") as caught:
        manifest_of(Candidate("letters", "letters_for_test", "letters"))

    assert str(package / "plugin.toml") in str(caught.value)


@pytest.mark.parametrize("target", ["no_such_module_at_all", "sys", "this"])
def test_what_is_no_package_has_no_folder(target: str) -> None:
    with pytest.raises(PluginRefusedError, match="is no package"):
        package_folder(Candidate("letters", target, "letters"))
