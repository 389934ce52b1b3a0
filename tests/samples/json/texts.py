"""The small things that messages are made of."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from samples.json.dialect import Raw

__all__ = [
    "ANA",
    "ANON",
    "BEN",
    "CHANNEL",
    "EVERY_ENTITY",
    "GONE",
    "NOT_INCLUDED",
    "T0",
    "TOO_BIG",
    "UNAVAILABLE",
    "file_time",
    "local",
    "message",
    "service",
    "start",
    "written",
]

#: 2024-11-14 08:12:44 UTC.
T0 = 1731571964
_ZONE = ZoneInfo("Europe/Moscow")

Person = tuple[str | None, str]
ANA: Person = ("Ana Kovač", "user100000001")
BEN: Person = ("Ben 伊藤", "user7000000002")
GONE: Person = (None, "user100000009")
CHANNEL: Person = ("News ✨", "channel1987654321")
ANON: Person = ("Field Ops", "channel1234567890")

NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
TOO_BIG = "(File exceeds maximum size. Change data exporting settings to download.)"
UNAVAILABLE = "(File unavailable, please try again later)"

Piece = tuple[str, str, dict[str, object]]
EVERY_ENTITY: list[Piece] = [
    ("plain", "x ", {}),
    ("mention", "@ana_k", {}),
    ("hashtag", "#тег", {}),
    ("bot_command", "/start@bot", {}),
    ("link", "https://e.org/?a=1&b=2", {}),
    ("email", "a@b.cd", {}),
    ("bold", "b", {}),
    ("italic", "i", {}),
    ("code", "c()", {}),
    ("pre", "int main(){}", {"language": "cpp"}),
    ("text_link", "here", {"href": 'https://e.org/"q"'}),
    ("mention_name", "Ben", {"user_id": 7000000002}),
    ("phone", "+1 202 555 0100", {}),
    ("cashtag", "$USD", {}),
    ("underline", "u", {}),
    ("strikethrough", "s", {}),
    ("blockquote", "q1\nq2", {"collapsed": True}),
    ("bank_card", "4242 4242 4242 4242", {}),
    ("spoiler", "hush", {}),
    ("unknown", "?", {}),
    ("custom_emoji", "😀", {"document_id": "stickers/AnimatedSticker.tgs"}),
    ("custom_emoji", "🎉", {"document_id": "(unavailable)"}),
    ("custom_emoji", "🔥", {"document_id": ""}),
    ("custom_emoji", "👍🏽", {"document_id": "5368324170671202286"}),
]


def local(unix: int) -> str:
    """A time as the exporting machine's clock shows it."""
    return datetime.fromtimestamp(unix, _ZONE).strftime("%Y-%m-%dT%H:%M:%S")


def file_time(unix: int) -> str:
    """A time as it stands in names of files."""
    return datetime.fromtimestamp(unix, _ZONE).strftime("%d-%m-%Y_%H-%M-%S")


def start(number: int, kind: str, unix: int, edited: int | None = None) -> dict[str, object]:
    """The fields that messages begin with."""
    fields: dict[str, object] = {"id": number, "type": kind, "date": local(unix), "date_unixtime": str(unix)}
    if edited:
        fields |= {"edited": local(edited), "edited_unixtime": str(edited)}
    return fields


def written(text: str | list[Piece]) -> dict[str, object]:
    """A text in both of its forms, with the empty piece that the writer adds behind an entity at the end."""
    pieces = ([("plain", text, {})] if text else []) if isinstance(text, str) else list(text)
    if not pieces:
        return {"text": "", "text_entities": Raw("[]")}
    if any(not piece.isascii() for _, piece, _ in pieces) and pieces[-1][0] != "plain":
        pieces.append(("plain", "", {}))
    entities = [{"type": kind, "text": piece, **more} for kind, piece, more in pieces]
    mixed = [piece if kind == "plain" else {"type": kind, "text": piece, **more} for kind, piece, more in pieces]
    return {"text": mixed[0] if len(pieces) == 1 and pieces[0][0] == "plain" else mixed, "text_entities": entities}


def message(
    number: int, unix: int, who: Person, text: str | list[Piece] = "", edited: int | None = None, **fields: object
) -> dict[str, object]:
    """An ordinary message; `fields` stand between the sender and the text."""
    name, sender = who
    return {**start(number, "message", unix, edited), "from": name, "from_id": sender, **fields, **written(text)}


def service(number: int, unix: int, who: Person | None, action: str | None, **fields: object) -> dict[str, object]:
    """A service message."""
    actor: dict[str, object] = {"actor": who[0], "actor_id": who[1]} if who else {}
    told: dict[str, object] = {"action": action} if action else {}
    return {**start(number, "service", unix), **actor, **told, **fields, **written("")}
