"""How things stand before the commands that meet faults."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from faults.bench import Scene, World, an_export, contents, new_world
from tgvault.contracts.sink import ObjectName
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, flip_byte, names

__all__ = ["EXPORTS", "away", "ids", "make_scenes"]

EXPORTS = {
    "large": an_export("one", "two", photos=(1, 2, 3, 4, 5)),
    "first": an_export("one", "two", photos=(1,)),
    "second": an_export("one", "TWO", "three", photos=(1, 6)),
    "third": an_export("one", "TWO", "3", photos=(1, 6, 7)),
}


def make_scenes(folder: Path) -> dict[str, Scene]:
    """Make a scene after the other, each from the one before.

    * `empty`: a vault without snapshots.
    * `behind`: archive `main` has two snapshots, of which the copy has one. One of archive `large` is forgotten; of its
      packs a photo is still needed.
    * `copied`: the copy is up to date.
    * `damaged`: in the vault's own place objects of each kind are gone or altered.
    """
    for name, export in EXPORTS.items():
        export.write(folder / "exports" / name)
    exports = folder / "exports"
    world = new_world(folder / "empty")
    scenes = {"empty": Scene.of(world)}
    world = scenes["empty"].again(folder / "behind")
    world.done("--archive", "large", "import", str(exports / "large"))
    world.done("import", str(exports / "first"))
    world.done("sync", "disk", "--init")
    world.done("import", str(exports / "second"), copy=away())
    world.done("forget", ids(world, "large")[0], "--even-newest", copy=away())
    scenes["behind"] = Scene.of(world)
    world = scenes["behind"].again(folder / "copied")
    world.done("sync")
    scenes["copied"] = Scene.of(world)
    world = scenes["copied"].again(folder / "damaged")
    damage(world)
    whole = scenes["copied"]
    damaged = replace(whole, folder=world.folder, primary=dict(world.primary.objects))
    return {**scenes, "damaged": damaged}


def away() -> FaultySink:
    """A store that cannot be reached."""
    methods = ("prepare", "put", "replace", "get", "size", "list", "delete", "tidy")
    return FaultySink(MemorySink(), *(Fault(FaultKind.ERROR, method) for method in methods))


def ids(world: World, archive: str) -> list[str]:
    """The ids of an archive's snapshots, oldest first."""
    told = json.loads(world.run("--json", "snapshots").out)["snapshots"]
    return [each["id"] for each in told if each["archive"] == archive]


def damage(world: World) -> None:
    """Let the largest pack, a manifest and a slot be gone, and one bit be another in a pack and an index object."""
    sink = world.primary
    packs, indexes = (by_size(sink, prefix) for prefix in ("packs/", "index/"))
    for name in (packs[-1], [*contents(sink)[0]][-1], "keys/ben.age"):
        sink.delete(ObjectName(name))
    for name in (packs[-2], indexes[-1]):
        flip_byte(sink, ObjectName(name))


def by_size(sink: MemorySink, prefix: str) -> list[str]:
    """The names with the prefix, the largest object last."""
    return sorted(names(sink, prefix), key=lambda name: len(sink.objects[name]))
