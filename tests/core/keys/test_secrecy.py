"""Every value that has to do with keys, shown in every way, shows no secret."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import tgvault.crypto
import tgvault.keys
from key_support import all_texts, noon
from tgvault.crypto.age import Identity
from tgvault.engine import create, first_keys, keys
from tgvault.engine.create import NewSlot
from tgvault.engine.first_keys import GivenKey, KeyringKey, KitOrder, create_with_kit
from tgvault.engine.keys import export_kit
from tgvault.errors import NoIdentityError
from tgvault.keys.commands import run_command
from tgvault.keys.credentials import CredentialStore
from tgvault.keys.key_file import FoundKeys, read_key_file
from tgvault.keys.kit import verify_kit
from tgvault.keys.kit_guide import guide
from tgvault.keys.oskeyring import KeyringItem, KeyringStore
from tgvault.keys.private_file import read_private
from tgvault.keys.sources import KeyPlaces
from tgvault.testing import MemorySink
from tgvault.vault import bundle, header, slot_changes, slot_checks, slots

MODULES = [
    *(
        importlib.import_module(each.name)
        for package in (tgvault.keys, tgvault.crypto)
        for each in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ),
    *(bundle, header, slots, slot_changes, slot_checks, create, first_keys, keys),
]


@pytest.fixture
def values(tmp_path: Path) -> list[object]:
    """One value of every kind, from a vault, a kit and a key that exist."""
    sink = MemorySink()
    order = KitOrder(tmp_path / "KIT.txt", "here", lambda _: "[sink]")
    made = create_with_kit(sink, device=GivenKey(Identity.generate()), order=order, clock=noon)
    (tmp_path / "second").mkdir()
    second = KitOrder(tmp_path / "second" / "KIT.txt", "here", lambda _: "[sink]")
    exported = export_kit(sink, bundle=made.created.bundle, order=second, clock=noon)
    return [
        *(made, made.created, made.created.bundle, made.created.header, made.kit, made.files, order),
        *(made.created.bundle.index, made.created.bundle.index.recipient, made.created.bundle.id_key),
        *(exported, exported.slot, verify_kit(sink, made.kit), next(guide(made.kit, file="KIT.txt"))),
        *(KeyringKey(made.kit.identity), GivenKey(made.kit.identity), NewSlot.of("a", made.kit.identity)),
        *(read_key_file(made.files.text), read_private(made.files.text)),
        *(KeyringStore("0" * 32), KeyPlaces(command=f"echo {made.kit.identity.text}")),
        *(KeyringItem("0" * 32), CredentialStore("cloud")),
        run_command(f"echo {made.kit.identity.text}", what="command", failure=NoIdentityError),
    ]


def test_a_value_of_every_kind_is_looked_at(values: list[object]) -> None:
    kinds = {
        kind
        for module in MODULES
        for _, kind in inspect.getmembers(module, dataclasses.is_dataclass)
        if kind.__module__ == module.__name__
    }

    assert {kind.__name__ for kind in kinds} == {type(value).__name__ for value in values}
    assert FoundKeys in kinds


def test_no_value_shows_a_secret(values: list[object]) -> None:
    id_keys = {value.id_key.secret for value in values if isinstance(value, bundle.KeyBundle)}

    shown = "\n".join(map(all_texts, values))

    assert "AGE-SECRET-KEY-1" not in shown
    assert not any(secret.hex() in shown or str(secret) in shown for secret in id_keys)
