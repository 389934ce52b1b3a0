"""Exports that tests make up, written as Telegram Desktop writes them, and what has to come back of them."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import strategies as st

from restore_support import files_below, restored_chats
from samples.json.dialect import Pairs, dump

MIB = 1 << 20

#: Where flushing costs nothing, if the system has such a place.
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"

_BLOCKS = [random.Random(number).randbytes(4 * MIB) for number in range(2)]

#: What files hold: nothing, little, equal things under several names, and more than a blob takes.
CONTENTS = (
    b"",
    b"x",
    b"the same",
    random.Random(3).randbytes(70_000),
    b"text " * 3000,
    _BLOCKS[0] + _BLOCKS[1] + _BLOCKS[0] + b"end",
    _BLOCKS[1],
)

#: Names that people give to files, and those that only somebody with a purpose does.
NAMES = (
    "photo_1@14-11-2024_11-12-56.jpg",
    "a.jpg",
    "A.jpg",
    "a (2).jpg",
    "no ending",
    ".hidden",
    "..jpg",
    'quoted "name".pdf',
    "файл № 1.txt",
    "{chat}.txt",
    "a.tgvault-part",
    "result.json",
    "CON",
    "trailing. ",
    "new\nline.txt",
    "\u202egpj.exe",
    "%2e%2e%2fx",
    "x" * 250 + ".jpg",
)

#: Paths that a file of the export can never have.
HOSTILE = ("../x", "/etc/passwd", "photos/../../x", "C:\\x", "a\\b", "\0", "chats/../../x")


@dataclass(frozen=True)
class Picture:
    """A file that a message names: `content` is None where the file is missing, `path` is as the export has it."""

    path: str
    content: bytes | None


@dataclass(frozen=True)
class Said:
    """A message. `picture` stands in the member `photo`; with no picture `other` may stand there."""

    id: int | None
    text: str = ""
    picture: Picture | None = None
    other: str | None = None
    edited: int | None = None
    sender: str = "Ben"
    more: tuple[tuple[str, object], ...] = ()

    def members(self) -> Pairs:
        when = 1_600_000_000 + (self.id or 0)
        items: list[tuple[str, object]] = [] if self.id is None else [("id", self.id)]
        items += [("type", "message"), ("date", "2020-09-13T12:26:40"), ("date_unixtime", str(when))]
        if self.edited is not None:
            items += [("edited", "2026-01-01T00:00:00"), ("edited_unixtime", str(self.edited))]
        items += [("from", self.sender), ("from_id", "user5")]
        photo = self.picture.path if self.picture is not None else self.other
        if photo is not None:
            items += [("photo", photo), ("width", 1), ("height", 1)]
        items += [("text", self.text), *self.more]
        return Pairs(tuple(items))


@dataclass(frozen=True)
class Talk:
    """A chat as an export has it."""

    id: int | None
    type: str
    name: str | None
    messages: tuple[Said, ...]
    more: tuple[tuple[str, object], ...] = ()

    def members(self) -> Pairs:
        items: list[tuple[str, object]] = [("name", self.name), ("type", self.type)]
        items += [] if self.id is None else [("id", self.id)]
        return Pairs((*items, *self.more, ("messages", [message.members() for message in self.messages])))


@dataclass(frozen=True)
class Export:
    """A whole export; `files` are those that no message names, by path."""

    talks: tuple[Talk, ...]
    single: bool = False
    user: int = 1
    documents: tuple[tuple[str, object], ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    def members(self) -> Pairs:
        if self.single:
            return self.talks[0].members()
        person = {"user_id": self.user, "first_name": "Ada"}
        chats = {"about": "This page lists all chats.", "list": [talk.members() for talk in self.talks]}
        return Pairs((("about", "…"), ("personal_information", person), *self.documents, ("chats", chats)))

    def contents(self) -> dict[str, bytes]:
        """Every file but `result.json`."""
        said = [message.picture for talk in self.talks for message in talk.messages if message.picture is not None]
        return {**self.files, **{each.path: each.content for each in said if each.content is not None}}

    def write(self, folder: Path) -> Path:
        """Write it as Telegram Desktop does."""
        for name, data in self.contents().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").write_text(dump(self.members()), encoding="utf-8")
        return folder


def as_pairs(value: object) -> object:
    """What reading a value back gives if every member is kept, in order, repeated ones too."""
    match value:
        case Pairs():
            return "object", [(key, as_pairs(each)) for key, each in value.items]
        case dict():
            return "object", [(key, as_pairs(each)) for key, each in value.items()]
        case list():
            return [as_pairs(each) for each in value]
        case float():
            return float(f"{value:f}")
    return value


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["{chat}/photos/a.jpg", "{chat}", '"}],"id":7,', "\\x41", "tgvault", NOT_INCLUDED, "\u2028", "[\n["]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(-1e6, 1e6) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
TYPES = ("personal_chat", "bot_chat", "private_supergroup", "public_channel", "saved_messages")

_UNKNOWN = st.tuples(st.sampled_from(["new_field", "text", "tgvault", "{chat}"]), _JSON)


@st.composite
def pictures(draw: st.DrawFn, folder: str) -> Picture:
    kind = draw(st.sampled_from(["photos", "files"]))
    name = draw(st.sampled_from(NAMES))
    content = draw(st.sampled_from([*CONTENTS[:5] * 4, *CONTENTS, None]))
    return Picture(f"{folder}{kind}/{name}", content)


@st.composite
def talks(draw: st.DrawFn, *, folder: str, number: int | None, regular: bool, odd: bool) -> Talk:
    ids = sorted(draw(st.sets(st.integers(-(10**9), 10**6), max_size=12)))
    if not regular:
        ids = draw(st.permutations(ids + ids[:2]))
    without_ids = not regular and draw(st.booleans())
    shared = draw(st.lists(pictures(folder), max_size=3))
    messages = []
    for each in ids:
        picture = draw(st.none() | pictures(folder) | (st.sampled_from(shared) if shared else st.none()))
        other = draw(st.sampled_from([None, NOT_INCLUDED, "", "(unavailable)", *HOSTILE]))
        more = tuple(draw(st.lists(_UNKNOWN, max_size=2))) if odd else ()
        said = Said(None if without_ids else each, draw(_TEXT), picture, other, more=more)
        messages.append(said)
    name = draw(st.none() | _TEXT)
    more = tuple(draw(st.lists(_UNKNOWN, max_size=1)))
    return Talk(number, draw(st.sampled_from(TYPES)), name, tuple(messages), more)


@st.composite
def exports(draw: st.DrawFn, *, regular: bool = False) -> Export:
    """Exports of everything that there may be; with `regular` every message has its own id and no member twice."""
    one = draw(st.booleans())
    ordered = regular or draw(st.booleans())
    count = 1 if one else draw(st.integers(0, 4))
    numbers = draw(st.lists(st.integers(1, 10**10), unique=True, min_size=count, max_size=count))
    known: list[int | None] = [number if ordered or draw(st.booleans()) else None for number in numbers]
    found = tuple(
        draw(talks(folder="" if one else f"chats/chat_{at:02}/", number=number, regular=ordered, odd=not regular))
        for at, number in enumerate(known, start=1)
    )
    documents = tuple(
        draw(st.dictionaries(st.sampled_from(["contacts", "other_data", "sessions", "later"]), _JSON)).items()
    )
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))
    files = {f"stickers/{name}": draw(st.sampled_from(CONTENTS[:5])) for name in names}
    return one_content_each(Export(found, one, documents=() if one else documents, files=files))


def one_content_each(export: Export) -> Export:
    """Let the last content of a path be that of all messages that name it, as it is in a folder."""
    contents = export.contents()

    def settled(said: Said) -> Said:
        if said.picture is None:
            return said
        return replace(said, picture=Picture(said.picture.path, contents.get(said.picture.path)))

    talks = tuple(replace(talk, messages=tuple(map(settled, talk.messages))) for talk in export.talks)
    return replace(export, talks=talks)


@st.composite
def next_exports(draw: st.DrawFn, before: Export) -> Export:
    """What the account's next export may say: edits, deletions, gaps, new messages, other numbers of folders."""
    kept = [talk for talk in before.talks if before.single or draw(st.integers(0, 5))]
    ordered = kept if before.single else draw(st.permutations(kept))
    found = tuple(
        draw(next_talks(talk, folder="" if before.single else f"chats/chat_{at:02}/"))
        for at, talk in enumerate(ordered, start=1)
    )
    return one_content_each(replace(before, talks=found))


@st.composite
def next_talks(draw: st.DrawFn, before: Talk, *, folder: str) -> Talk:
    messages = []
    for said in before.messages:
        fate = draw(st.sampled_from(["same"] * 3 + ["deleted"] * 2 + ["edited", "renamed", "picture is away"]))
        moved = said.picture and replace(said.picture, path=folder + "/".join(said.picture.path.split("/")[-2:]))
        after = replace(said, picture=moved)
        if fate == "edited":
            after = replace(after, text=draw(_TEXT), edited=1_700_000_000)
        if fate == "renamed":
            after = replace(after, sender=draw(_TEXT))
        if fate == "picture is away" and moved is not None:
            after = replace(after, picture=None, other=NOT_INCLUDED)
        if fate != "deleted":
            messages.append(after)
    fresh = draw(st.sets(st.integers(-(10**9), 2 * 10**6), max_size=3)) - {said.id for said in before.messages}
    messages += [Said(number, draw(_TEXT), draw(st.none() | pictures(folder))) for number in fresh]
    return replace(before, messages=tuple(sorted(messages, key=lambda said: said.id or 0)))


@dataclass
class Kept:
    """What an archive has to know of a message: its newest text, its picture's content, and what it said before."""

    text: str
    content: bytes | None
    gone: bool = False
    earlier: list[str] = field(default_factory=list)


def merged(first: Export, second: Export) -> dict[int, dict[int, Kept]]:
    """What an archive has to know of all messages after two exports, by chat and id, written as naively as it goes."""
    archive = {}
    for talk in first.talks:
        archive[talk.id] = {said.id: Kept(said.text, content_of(said)) for said in talk.messages}
    for talk in second.talks:
        chat = archive[talk.id]
        new = {said.id: said for said in talk.messages}
        for number, kept in chat.items():
            if number in new:
                _see_again(kept, new[number])
            elif new and min(new) < number < max(new) and (second.single or talk.type != "public_channel"):
                kept.gone = True
        for number in new.keys() - chat.keys():
            chat[number] = Kept(new[number].text, content_of(new[number]))
    return archive  # type: ignore[return-value]


def _see_again(kept: Kept, said: Said) -> None:
    content = content_of(said)
    if kept.text != said.text or (content is not None and kept.content is not None and content != kept.content):
        kept.earlier.append(kept.text)
    kept.text = said.text
    speaks_of_it = said.picture is not None or said.other is not None
    kept.content = content if content is not None or not speaks_of_it else kept.content


def content_of(said: Said) -> bytes | None:
    return said.picture.content if said.picture is not None else None


def kept_in(folder: Path) -> dict[int, dict[int, Kept]]:
    """What a restored archive says of every message."""
    files = files_below(folder)
    chats: dict[int, dict[int, Kept]] = {}
    for number, chat in restored_chats(folder).items():
        ids = [message["id"] for message in chat["messages"]]
        assert ids == sorted(set(ids))
        chats[number] = {}
        for message in chat["messages"]:
            own = message.get("tgvault", {})
            earlier = [each["body"]["text"] for each in own.get("earlier", ())]
            content = files.get(message.get("photo"))
            chats[number][message["id"]] = Kept(message["text"], content, "gone" in own, earlier)
    return chats


def read_pairs(path: Path) -> object:
    """Read JSON with every member in order."""
    return json.loads(path.read_bytes(), object_pairs_hook=lambda members: ("object", members))
