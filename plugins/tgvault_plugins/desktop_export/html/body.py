"""The body of a message in the schema of Telegram Desktop's JSON export, as far as a page tells it.

Members stand in the order in which the JSON exporter writes them; `html` holds what that schema has no place for.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

__all__ = [
    "Answer",
    "Body",
    "Button",
    "Contact",
    "Entity",
    "Giveaway",
    "Html",
    "Place",
    "Poll",
    "Reaction",
    "Reactor",
    "Task",
    "Text",
    "TodoList",
    "as_text",
]


class Entity(msgspec.Struct, frozen=True, gc=False):
    """A run of text of one kind; `text_entities` is made of them."""

    type: str
    text: str
    href: str | UnsetType = UNSET
    document_id: str | UnsetType = UNSET


#: Text as the JSON exporter writes it: a string, or strings and entities in turn.
Text = str | list[str | Entity]


class Contact(msgspec.Struct, frozen=True):
    """A shared contact."""

    first_name: str
    last_name: str
    phone_number: str


class Place(msgspec.Struct, frozen=True):
    """Coordinates in degrees."""

    latitude: float
    longitude: float


class Answer(msgspec.Struct, frozen=True):
    """One answer of a poll."""

    text: Text
    voters: int
    chosen: bool


class Poll(msgspec.Struct, frozen=True):
    """A poll; what the page says in other words than are known is left out."""

    question: Text
    closed: bool | UnsetType
    total_voters: int | UnsetType
    answers: list[Answer]


class Task(msgspec.Struct, frozen=True):
    """One entry of a to-do list."""

    text: Text


class TodoList(msgspec.Struct, frozen=True):
    """A to-do list."""

    title: Text
    answers: list[Task]


class Giveaway(msgspec.Struct, frozen=True):
    """A giveaway, or the results of one: the numbers that the page tells; the rest stands in `html.lines`."""

    quantity: int | UnsetType = UNSET
    months: int | UnsetType = UNSET
    launch_message_id: int | UnsetType = UNSET
    winners_count: int | UnsetType = UNSET
    stars: int | UnsetType = UNSET


class Button(msgspec.Struct, frozen=True):
    """A button under a message."""

    type: str
    text: str
    data: str | UnsetType = UNSET
    forward_text: str | UnsetType = UNSET


class Reactor(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """Somebody who reacted; None where the page tells no name."""

    sender: str | None


class Reaction(msgspec.Struct, frozen=True):
    """A reaction and how often it was given."""

    type: str
    count: int
    emoji: str | UnsetType = UNSET
    document_id: str | UnsetType = UNSET
    recent: list[Reactor] | UnsetType = UNSET


class Html(msgspec.Struct, omit_defaults=True):
    """What the page says and the schema has no place for.

    `time_confidence` says how sure `date_unixtime` is: `zone`, `offset_only` (it may be an hour off), or
    `wall_clock_only` (there is none). `day` is the date separator above a message that has no time of its own.
    `joined` marks a message shown under the one before it, whose sender it shares; `userpic` is the class that colours
    the sender's picture, a hint that tells namesakes apart. `reply_to` is the note of a reply into another chat.
    `title`, `description` and `status` are the lines beside a file, among them its size and duration; `lines` are
    those of a giveaway. `files` are paths that no other member has. `raw` is what stands in the message's element, but
    for links into the chat's own folder: they begin with `{chat}/`, as paths do, so that a folder that the next export
    numbers otherwise does not change the message.
    """

    time_confidence: str = ""
    day: str = ""
    joined: bool = False
    userpic: str = ""
    reply_to: str = ""
    title: str = ""
    description: str = ""
    status: str = ""
    lines: list[str] = []
    files: list[str] = []
    raw: str = ""


class Body(msgspec.Struct, rename={"sender": "from"}):
    """A message being put together; the reader of each part sets the members that its part tells."""

    id: int
    type: str
    date: str | UnsetType = UNSET
    date_unixtime: str | UnsetType = UNSET
    # Service messages.
    actor: str | UnsetType | None = UNSET
    action: str | UnsetType = UNSET
    information_text: str | UnsetType = UNSET
    inviter: str | UnsetType | None = UNSET
    message_id: int | UnsetType = UNSET
    game_message_id: int | UnsetType = UNSET
    score: int | UnsetType = UNSET
    duration: int | UnsetType = UNSET
    period: int | UnsetType = UNSET
    emoticon: str | UnsetType = UNSET
    new_title: str | UnsetType = UNSET
    new_icon_emoji_id: int | UnsetType = UNSET
    boosts: int | UnsetType = UNSET
    stars: int | UnsetType = UNSET
    new_creator: str | UnsetType | None = UNSET
    bot: str | UnsetType | None = UNSET
    # Who wrote it, and where it comes from.
    sender: str | UnsetType | None = UNSET
    author: str | UnsetType = UNSET
    forwarded_from: str | UnsetType | None = UNSET
    forwarded_date: str | UnsetType = UNSET
    forwarded_date_unixtime: str | UnsetType = UNSET
    reply_to_message_id: int | UnsetType = UNSET
    via_bot: str | UnsetType = UNSET
    # Media.
    photo: str | UnsetType = UNSET
    file: str | UnsetType = UNSET
    file_name: str | UnsetType = UNSET
    thumbnail: str | UnsetType = UNSET
    media_type: str | UnsetType = UNSET
    sticker_emoji: str | UnsetType = UNSET
    performer: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    members: list[str | None] | UnsetType = UNSET
    duration_seconds: int | UnsetType = UNSET
    discard_reason: str | UnsetType = UNSET
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    contact_information: Contact | UnsetType = UNSET
    contact_vcard: str | UnsetType = UNSET
    place_name: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    location_information: Place | UnsetType | None = UNSET
    game_title: str | UnsetType = UNSET
    game_description: str | UnsetType = UNSET
    game_link: str | UnsetType = UNSET
    invoice_information: str | UnsetType = UNSET
    poll: Poll | UnsetType = UNSET
    todo_list: TodoList | UnsetType = UNSET
    giveaway_information: Giveaway | UnsetType = UNSET
    giveaway_results: Giveaway | UnsetType = UNSET
    paid_stars_amount: int | UnsetType = UNSET
    # What is written.
    text: Text | UnsetType = UNSET
    text_entities: list[Entity] | UnsetType = UNSET
    inline_bot_buttons: list[list[Button]] | UnsetType = UNSET
    reactions: list[Reaction] | UnsetType = UNSET
    html: Html | UnsetType = UNSET


def as_text(entities: list[Entity]) -> Text:
    """Write a text's entities as the JSON exporter writes `text`: one plain run as a string."""
    if not entities:
        return ""
    if len(entities) == 1 and entities[0].type == "plain":
        return entities[0].text
    return [entity.text if entity.type == "plain" else entity for entity in entities]
