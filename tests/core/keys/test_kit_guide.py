from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import zstandard

from key_support import NOON
from tgvault.crypto.age import Identity, Recipient, seal
from tgvault.keys.kit import Kit, new_kit
from tgvault.keys.kit_files import write_kit
from tgvault.keys.kit_guide import guide
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.slot_changes import add_recipient_slot

BUNDLE = KeyBundle.generate()
KIT = new_kit(Identity.generate(), BUNDLE, slot="recovery", place="here", created=NOON, config="")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A folder with a vault of one pack, one index object and one manifest, and the kit."""
    assert BUNDLE.data is not None
    sink = MemorySink({HEADER: VaultHeader.make(BUNDLE, created=NOON, slots={}).to_json()})
    add_recipient_slot(sink, "recovery", bundle=BUNDLE, recipient=KIT.identity.recipient)
    sink.objects["packs/ab/ab12.age"] = compressed(b"photo", BUNDLE.data.recipient)
    sink.objects["index/cd34.age"] = compressed(b"where", BUNDLE.index.recipient)
    sink.objects["snapshots/20261123T120000Z-ef.age"] = compressed(b"manifest", BUNDLE.data.recipient)
    for name, data in sink.objects.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def compressed(content: bytes, recipient: Recipient) -> bytes:
    return seal(zstandard.compress(content), [recipient])


@pytest.mark.parametrize("name", ["KIT.txt", "my 'own' kit.txt"])
def test_the_commands_without_tgvault_open_everything(vault: Path, name: str) -> None:
    write_kit(KIT, vault / name)
    commands = list(guide(KIT, file=name))[-1].lines

    subprocess.run(["sh", "-e", "-c", "\n".join(commands)], cwd=vault, check=True, capture_output=True)

    assert (vault / "bundle.json").read_bytes() == BUNDLE.to_json()
    assert (vault / "bundle.json").stat().st_mode & 0o777 == 0o600
    assert (vault / "ab12.bin").read_bytes() == b"photo"
    assert (vault / "cd34.txt").read_bytes() == b"where"
    assert (vault / "20261123T120000Z-ef.txt").read_bytes() == b"manifest"


def test_the_lines_for_a_new_machine_are_those_of_the_kit() -> None:
    kit = Kit(KIT.identity, KIT.vault_id, KIT.fingerprint, "recovery", "here", NOON, '[sink]\ntype = "local"\n')

    sections = {section.title: section for section in guide(kit, file="KIT.txt")}

    assert sections["With tgvault, on a new machine"].lines == ("[sink]", 'type = "local"')
