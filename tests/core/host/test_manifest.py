"""What plugins say of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.errors import PluginRefusedError
from tgvault.host.manifest import FileNeed, Manifest, NetworkNeed, SecretNeed, read_manifest
from wheels import MANIFEST

LEAST = 'api = ">=1.0"\nsummary = "Does little."\n'


def read(text: str) -> Manifest:
    return read_manifest(text.encode(), label="plugin.toml")


def test_a_manifest_says_what_a_plugin_brings_and_needs() -> None:
    assert read(MANIFEST) == Manifest(
        api=">=1.0,<2",
        summary="Keeps a vault in letters.",
        sinks=("letters",),
        network=(NetworkNeed(host="post.example.org", why="to send the letters"),),
        files=(FileNeed(path="{path}", write=True, why="the letters that are not sent yet"),),
        secrets=(SecretNeed(name="stamp", why="to pay for the letters"),),
    )


def test_what_is_not_said_is_not_needed() -> None:
    least = read(LEAST)

    assert (least.brings, least.network, least.files, least.secrets, least.events) == ((), (), (), (), False)


def test_everything_is_named_with_its_kind() -> None:
    manifest = read(LEAST + 'sources = ["a"]\ntransforms = ["b", "c"]\nsinks = ["d"]\ncommands = ["e"]\n')

    assert manifest.brings == ("source a", "transform b", "transform c", "sink d", "command e")


@pytest.mark.parametrize("host", ["*", "*.example.org", "localhost", "10.0.0.1", "{endpoint}", "xn--bcher-kva.example"])
def test_hosts_can_be_said_in_every_form(host: str) -> None:
    assert read(f'{LEAST}[[network]]\nhost = "{host}"\nwhy = "x"\n').network[0].host == host


@pytest.mark.parametrize("path", ["~/Pictures", "/srv/export", "{path}", "{folder}/inbox"])
def test_paths_can_be_said_in_every_form(path: str) -> None:
    assert read(f'{LEAST}[[files]]\npath = "{path}"\nwhy = "x"\n').files[0].path == path


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "`api`"),
        ('api = ">=1.0"\n', "`summary`"),
        ('api = "one"\nsummary = "x"\n', "`one` names no versions"),
        ('api = ">=1.1"\nsummary = "x"\n', r"plugin API >=1.1, and this tgvault has 1.0"),
        ('api = ">=1.0"\nsummary = ""\n', "`summary`"),
        ('api = ">=1.0"\nsummary = "two\\nlines"\n', "`summary`"),
        ('api = ">=1.0"\nsummary = "\\u202eback"\n', "`summary`"),
        (LEAST + "network = true\n", "`network`"),
        (LEAST + '[[network]]\nhost = "https://x"\nwhy = "x"\n', r"`network\[0\].host`"),
        (LEAST + '[[network]]\nhost = "example.org"\n', "`why`"),
        (LEAST + '[[files]]\npath = "relative"\nwhy = "x"\n', r"`files\[0\].path`"),
        (LEAST + '[[secrets]]\nname = "Some Thing"\nwhy = "x"\n', r"`secrets\[0\].name`"),
        (LEAST + 'sinks = ["Big"]\n', r"`sinks\[0\]`"),
        (LEAST + "everything = true\n", "unknown key `everything`"),
        ("api = ", "is not TOML"),
        ("x = " + "[" * 500, "nested too deep"),
    ],
)
def test_a_mistake_is_named(text: str, wrong: str) -> None:
    with pytest.raises(PluginRefusedError, match=wrong) as caught:
        read(text)

    assert caught.value.hint is not None


def test_what_is_no_text_or_too_long_is_not_read() -> None:
    with pytest.raises(PluginRefusedError, match="is not UTF-8"):
        read_manifest(b"\xff", label="plugin.toml")
    with pytest.raises(PluginRefusedError, match="at most"):
        read_manifest(b"#" * 70_000, label="plugin.toml")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_hostile_bytes_raise_nothing_else(data: bytes) -> None:
    with pytest.raises(PluginRefusedError):
        read_manifest(data, label="plugin.toml")
