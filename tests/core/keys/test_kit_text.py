from __future__ import annotations

from pathlib import Path

from key_support import NOON
from tgvault.crypto.age import Identity
from tgvault.keys.key_file import parse_keys
from tgvault.keys.kit import Kit
from tgvault.keys.kit_text import kit_text

KIT = Kit(
    Identity.generate(),
    "0123456789abcdef0123456789abcdef",
    "0123-4567-89AB-CDEF",
    "recovery",
    "local folder /mnt/backup",
    NOON,
    '[sink]\ntype = "local"\npath = "/mnt/backup"\n',
)


def test_all_lines_but_the_key_are_comments() -> None:
    lines = kit_text(KIT, file="KIT.txt").splitlines()

    assert [line for line in lines if not line.startswith("#")] == [KIT.identity.text]


def test_no_line_break_in_a_name_makes_a_line_that_is_none_of_ours() -> None:
    hostile = Kit(KIT.identity, KIT.vault_id, KIT.fingerprint, "recovery", "a\nAGE-SECRET\x85b", NOON, "x\nage1")

    text = kit_text(hostile, file="KIT.txt")

    assert parse_keys(text.encode(), origin="k").identities == (KIT.identity,)
    assert sum(not line.startswith("#") for line in text.splitlines()) == 1


def test_a_kit_says_all_that_one_has_to_know() -> None:
    text = kit_text(KIT, file="my kit.txt")

    for piece in (
        KIT.vault_id,
        KIT.fingerprint,
        KIT.place,
        "2026-11-23T12:00:00Z",
        KIT.identity.recipient.text,
        "Whoever has this can read everything",
        "tgvault --vault vault.toml --key-file 'my kit.txt' restore latest --to DIR",
        "tgvault --vault vault.toml key verify 'my kit.txt'",
        '#     path = "/mnt/backup"',
        "age -d -i 'my kit.txt' keys/recovery.age",
        "zstd -d",
    ):
        assert piece in text


def test_lines_are_short_enough_to_print(tmp_path: Path) -> None:
    assert max(map(len, kit_text(KIT, file="KIT.txt").splitlines())) <= 120
