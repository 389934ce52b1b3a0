"""The messages of an account that does not exist, made up one after another; each run makes up the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from tgvault.engine.demo_media import jpeg, landscape, ogg_silence, png
from tgvault.engine.demo_text import CHATS, FILLINGS, IRINA, DemoChat, Person

__all__ = ["BEGIN", "PROFILE_PICTURE", "Fields", "MadeUpChat", "Story", "dates"]

#: Members of a JSON object, in their order.
Fields = dict[str, object]

#: When the account was made.
BEGIN = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)

PROFILE_PICTURE = "profile_pictures/photo_1@02-03-2026_07-30-00.jpg"

#: How often each chat is written in, as parts of the whole.
_SHARES = (40, 20, 30, 10)

#: Which of a chat's plain messages (counted from 0) are edited between the exports, and what they say then.
_EDITS: Mapping[tuple[int, int], str] = {
    (0, 4): "Sorry, I was wrong about the day: it is Sunday, not Saturday.",
    (0, 31): "Bring the map, please. (I have the kettle already.)",
    (2, 9): "Change of plans: we meet at the station at 8:20 🚉",
}
#: The plain message that is deleted between the exports.
_DELETED = (0, 17)


@dataclass(slots=True)
class MadeUpChat:
    """A chat that is being made up: its messages, and what they say that can be edited."""

    told: DemoChat
    folder: str
    messages: list[Fields] = field(default_factory=list)
    plain: list[Fields] = field(default_factory=list)
    photos: int = 0
    voices: int = 0


class Story:
    """Makes up messages one after another, in the order of their ids."""

    def __init__(self) -> None:
        self._dice = Random(7)  # noqa: S311 - a story, not a secret
        self._time = BEGIN
        self._id = 100
        self.chats = [MadeUpChat(told, f"chats/chat_{number}/") for number, told in enumerate(CHATS, start=1)]
        #: Content and time of each file, by path.
        self.files = {PROFILE_PICTURE: (_photo(3), BEGIN)}

        self._count = 0

    def live(self, count: int) -> None:
        """Let so many messages be written."""
        for _ in range(count):
            self._time += timedelta(seconds=self._dice.randrange(60, 17_000))
            self._id += self._dice.randrange(1, 4)
            number, special = _SPECIALS.get(self._count, (None, None))
            if number is not None and special is not None:
                special(self, self.chats[number])
            else:
                self._plain(self._dice.choices(self.chats, weights=_SHARES)[0])
            self._count += 1

    def wait_until(self, time: datetime) -> None:
        """Let nothing happen up to that time."""
        self._time = max(self._time, time)

    def change(self) -> None:
        """Edit and delete some of what was written."""
        number, place = _DELETED
        self.chats[number].messages.remove(self.chats[number].plain[place])
        for (number, place), text in _EDITS.items():
            self._time += timedelta(hours=7)
            self._edit(self.chats[number].plain[place], text)

    def _edit(self, message: Fields, text: str) -> None:
        message |= {"text": text, "text_entities": [{"type": "plain", "text": text}]}
        # An exporter writes the time of an edit behind that of the message: the first four members.
        rest = {name: message.pop(name) for name in list(message)[4:]}
        message |= dates("edited", self._time) | rest

    def photo(self, chat: MadeUpChat) -> None:
        """Send a photo with a caption."""
        chat.photos += 1
        path = f"{chat.folder}photos/photo_{chat.photos}@{self._stamp()}.jpg"
        data = self._keep(path, _photo(self._id))
        size = {"photo": path, "photo_file_size": len(data), "width": 320, "height": 240}
        self._message(chat, self._line(chat), size)

    def voice(self, chat: MadeUpChat) -> None:
        """Send a voice message."""
        chat.voices += 1
        path = f"{chat.folder}voice_messages/audio_{chat.voices}@{self._stamp()}.ogg"
        data = self._keep(path, ogg_silence(4, serial=self._id))
        told = {"media_type": "voice_message", "mime_type": "audio/ogg", "duration_seconds": 4}
        self._message(chat, "", {"file": path, "file_name": "", "file_size": len(data), **told})

    def document(self, chat: MadeUpChat) -> None:
        """Send a text file."""
        lines = "".join(f"{number}. {self._line(chat)}\n" for number in range(1, 13))
        self._file(chat, f"packing list {self._id}.txt", lines.encode(), "text/plain")

    def drawing(self, chat: MadeUpChat) -> None:
        """Send a picture as a file."""
        data = png(landscape(self._id, columns=96, rows=64), columns=96, rows=64)
        self._file(chat, f"sketch_{self._id}.png", data, "image/png", width=96, height=64)

    def left_out(self, chat: MadeUpChat) -> None:
        """Send a video that the export leaves out."""
        path = "(File exceeds maximum size. Change data exporting settings to download.)"
        told = {"mime_type": "video/mp4", "duration_seconds": 754, "width": 1280, "height": 720}
        size = {"file_name": "slides.mp4", "file_size": 188_123_456, "media_type": "video_file"}
        self._message(chat, "", {"file": path, **size, **told})

    def place(self, chat: MadeUpChat) -> None:
        """Send a place."""
        spot = {"latitude": 47.123456, "longitude": 11.654321}
        self._message(
            chat, "", {"place_name": "Upper Lake", "address": "End of the road", "location_information": spot}
        )

    def poll(self, chat: MadeUpChat) -> None:
        """Ask everybody."""
        answers = [{"text": text, "voters": number, "chosen": number == 3} for number, text in enumerate("🚲🚆🚶⛴")]
        told = {"question": "How do we get there?", "closed": False, "total_voters": 6, "answers": answers}
        self._message(chat, "", {"poll": told})

    def linked(self, chat: MadeUpChat) -> None:
        """Send a text with a link and some of it in bold."""
        runs = (
            ("plain", "The timetable is "),
            ("link", "https://example.org/timetable?from=3&to=7"),
            ("plain", " \\o/ — line "),
            ("bold", "“Nord”"),
        )
        entities: list[object] = [{"type": kind, "text": text} for kind, text in runs]
        text = [entity if kind != "plain" else words for (kind, words), entity in zip(runs, entities, strict=True)]
        self._message(chat, text, {}, entities)

    def contact(self, chat: MadeUpChat) -> None:
        """Send a contact."""
        path = f"{chat.folder}contacts/contact_1.vcard"
        card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ben Sample\r\nTEL:+447700900123\r\nEND:VCARD\r\n"
        data = self._keep(path, card.encode())
        told = {"first_name": "Ben", "last_name": "Sample", "phone_number": "+44 7700 900123"}
        vcard = {"contact_vcard": path, "contact_vcard_file_size": len(data)}
        self._message(chat, "", {"contact_information": told, **vcard})

    def call(self, chat: MadeUpChat) -> None:
        """Call somebody."""
        self._service(chat, "phone_call", duration_seconds=312, discard_reason="hangup")

    def opening(self, chat: MadeUpChat) -> None:
        """Make the group."""
        people = [person.name for person in chat.told.people]
        self._service(chat, "create_group", title=chat.told.title, members=people)

    def pin(self, chat: MadeUpChat) -> None:
        """Pin the message before."""
        self._service(chat, "pin_message", message_id=chat.messages[-1]["id"])

    def _plain(self, chat: MadeUpChat) -> None:
        """Write a message of text, sometimes as an answer, passed on, or with reactions to it."""
        more: Fields = {}
        chance = self._dice.random()
        if chance < 0.12 and chat.messages:
            more["reply_to_message_id"] = chat.messages[-1]["id"]
        elif chance < 0.16:
            more["forwarded_from"] = IRINA.name
        message = self._message(chat, self._line(chat), more)
        if 0.3 < chance < 0.36:
            message["reactions"] = [{"type": "emoji", "count": 1 + self._id % 3, "emoji": "👍❤🔥"[self._id % 3]}]
        chat.plain.append(message)

    def _file(self, chat: MadeUpChat, name: str, data: bytes, kind: str, **more: int) -> None:
        path = f"{chat.folder}files/{name}"
        self._keep(path, data)
        told: Fields = {"file": path, "file_name": name, "file_size": len(data), "mime_type": kind}
        self._message(chat, self._line(chat), told | more)

    def _keep(self, path: str, data: bytes) -> bytes:
        self.files[path] = (data, self._time)
        return data

    def _message(self, chat: MadeUpChat, text: object, more: Fields, entities: list[object] | None = None) -> Fields:
        person = self._dice.choice(chat.told.people)
        if entities is None:
            entities = [{"type": "plain", "text": text}] if text else []
        replied = {name: more.pop(name) for name in ("reply_to_message_id", "forwarded_from") if name in more}
        message = self._head("message") | _sender("from", person) | replied | more
        message |= {"text": text, "text_entities": entities}
        chat.messages.append(message)
        return message

    def _service(self, chat: MadeUpChat, action: str, **more: object) -> None:
        actor = _sender("actor", self._dice.choice(chat.told.people))
        told = {"action": action, **more, "text": "", "text_entities": []}
        chat.messages.append(self._head("service") | actor | told)

    def _head(self, kind: str) -> Fields:
        return {"id": self._id, "type": kind} | dates("date", self._time)

    def _line(self, chat: MadeUpChat) -> str:
        words = {name: self._dice.choice(choices) for name, choices in FILLINGS.items()}
        line = self._dice.choice(chat.told.lines).format_map(words)
        return line[:1].upper() + line[1:]

    def _stamp(self) -> str:
        return f"{self._time:%d-%m-%Y_%H-%M-%S}"


#: What happens as the so-many-th message, and in which chat.
_SPECIALS: Mapping[int, tuple[int, Callable[[Story, MadeUpChat], None]]] = {
    0: (2, Story.opening),
    8: (0, Story.photo),
    11: (3, Story.document),
    22: (2, Story.photo),
    25: (1, Story.voice),
    31: (3, Story.drawing),
    36: (0, Story.place),
    46: (2, Story.poll),
    50: (2, Story.pin),
    61: (1, Story.photo),
    72: (0, Story.voice),
    84: (0, Story.linked),
    99: (3, Story.document),
    104: (0, Story.call),
    118: (2, Story.left_out),
    133: (1, Story.contact),
    150: (2, Story.photo),
    175: (3, Story.linked),
    196: (0, Story.photo),
    222: (2, Story.pin),
    290: (2, Story.photo),
}


def _photo(number: int) -> bytes:
    return jpeg(landscape(number, columns=40, rows=30), columns=40, rows=30)


def dates(name: str, time: datetime) -> Fields:
    """Give the two members that tell a time."""
    return {name: f"{time:%Y-%m-%dT%H:%M:%S}", f"{name}_unixtime": str(int(time.timestamp()))}


def _sender(role: str, person: Person) -> Fields:
    return {role: person.name, f"{role}_id": f"user{person.id}"}
