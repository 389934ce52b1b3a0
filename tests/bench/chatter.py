"""Made-up chats in three scripts, in the schema of Telegram Desktop's export."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from itertools import accumulate

__all__ = ["Body", "Chat", "Words", "encode", "pretty"]

#: A JSON object as the export has it.
Body = dict[str, object]

CONSONANTS, VOWELS = "bcdfghjklmnpqrstvwz", "aeiouy"
ARABIC, CYRILLIC = "ابپتثجچحخدذرزسشصضطظعغفقکگلمنوهی", "абвгдежзийклмнопрстуфхцчшщыьэюя"


class Words:
    """A vocabulary in Latin, Cyrillic and Arabic letters whose words come up by Zipf's law."""

    def __init__(self, rng: random.Random, count: int = 24_000) -> None:
        self._rng = rng
        seen: dict[str, None] = {}
        while len(seen) < count:
            seen.setdefault(self._word())
        self._words = list(seen)
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(count)))

    def _word(self) -> str:
        rng = self._rng
        script, length = rng.random(), 1 + min(int(rng.expovariate(0.55)), 5)
        if script < 0.6:
            return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(length))
        return "".join(rng.choice(CYRILLIC if script < 0.85 else ARABIC) for _ in range(length + 2))

    def text(self, count: int | None = None) -> str:
        """Some words; as many as messages have, where the count is not given."""
        count = count or 1 + min(int(self._rng.lognormvariate(1.9, 0.9)), 300)
        return " ".join(self._rng.choices(self._words, cum_weights=self._weights, k=count))


class Chat:
    """One chat, which writes its messages one after another."""

    def __init__(self, rng: random.Random, words: Words, number: int, media: Sequence[Body]) -> None:
        self.rng, self.words, self.pending = rng, words, list(media)
        self.clock, self.next_id = 1_500_000_000 + rng.randrange(10**7), 1
        people = max(2, int(rng.paretovariate(0.7)) % 400)
        self.people = [(words.text(2).title(), f"user{rng.randrange(10**8, 7 * 10**9)}") for _ in range(people)]
        self.id = 10**9 + number
        self.head: Body = {"name": f"Chat {number}", "type": "private_supergroup", "id": self.id}

    def message(self) -> Body:
        """Write the next message."""
        rng = self.rng
        self.clock += int(rng.expovariate(1 / 400.0)) + 1
        name, user = self.people[min(int(rng.expovariate(1.0) * 2), len(self.people) - 1)]
        date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.clock))
        body: Body = {"id": self.next_id, "type": "message", "date": date, "date_unixtime": str(self.clock)}
        self.next_id += 1
        kind = rng.random()
        if kind > 0.995:
            return body | self._pin(name, user)
        body |= {"from": name, "from_id": user} | self._links_to_others(kind)
        if self.pending and 0.10 <= kind < 0.30:
            body |= self.pending.pop()
        return body | self._content(kind)

    def _pin(self, name: str, user: str) -> Body:
        pinned = self.rng.randrange(1, self.next_id)
        actor: Body = {"type": "service", "actor": name, "actor_id": user}
        return actor | {"action": "pin_message", "message_id": pinned, "text": "", "text_entities": []}

    def _links_to_others(self, kind: float) -> Body:
        body: Body = {}
        if kind < 0.10 and self.next_id > 4:
            body["reply_to_message_id"] = self.next_id - 1 - self.rng.randrange(1, min(self.next_id - 1, 40))
        if kind > 0.96:
            body["forwarded_from"] = self.rng.choice(self.people)[0]
        return body

    def _content(self, kind: float) -> Body:
        text = self.words.text()
        plain = {"type": "plain", "text": text}
        if 0.90 < kind < 0.93:
            href = f"https://example.org/{self.next_id}"
            link = {"type": "text_link", "text": " " + self.words.text(1), "href": href}
            return {"text": [text, link], "text_entities": [plain, link]}
        body: Body = {"text": text, "text_entities": [plain]}
        if 0.93 < kind <= 0.96:
            count = self.rng.randrange(1, 9)
            body["reactions"] = [{"type": "emoji", "count": count, "emoji": self.rng.choice("👍❤🔥😁😢")}]
        return body


def encode(message: Body) -> bytes:
    """Write a message as Telegram Desktop indents it, without the comma behind it."""
    return pretty(message).replace("\n", "\n     ").encode()


def pretty(value: Body) -> str:
    """Write an object with one blank for each level, as Telegram Desktop does."""
    return json.dumps(value, ensure_ascii=False, indent=1)
