"""Who talks in the demonstration, and what they say. Nobody of these exists."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BEN", "CHATS", "FILLINGS", "IRINA", "ME", "DemoChat", "Person"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up: the full name, and a Telegram user id."""

    name: str
    id: int


@dataclass(frozen=True, slots=True)
class DemoChat:
    """A chat: what an export calls it, and sentences in which words in braces are filled in."""

    title: str | None
    type: str
    id: int
    people: tuple[Person, ...]
    lines: tuple[str, ...]


ME = Person("Ada Example", 1_000_001)
BEN = Person("Ben Sample", 1_000_002)
IRINA = Person("Ирина Примерова", 1_000_003)
_LIN = Person("試験 花子", 1_000_004)
_SARA = Person("سارة مثال", 1_000_005)
_NIKOS = Person("Νίκος Δοκιμής", 1_000_006)

#: What the words in braces stand for.
FILLINGS = {
    "place": ("the lighthouse", "the old mill", "the ferry", "the market hall", "the upper lake", "the tram depot"),
    "thing": ("the big kettle", "two umbrellas", "the map", "a spare bicycle pump", "the chess set", "walnut bread"),
    "day": ("Friday", "Saturday", "Sunday", "the 14th", "next week"),
    "hour": ("7:40", "9:15", "12:30", "18:05"),
    "место": ("на вокзал", "в лес", "к озеру", "на ярмарку", "в мастерскую"),
    "вещь": ("пирог", "гитару", "термос", "карту", "плед"),
    "場所": ("駅", "湖", "山小屋", "温泉"),
    "مكان": ("المحطة", "الغابة", "البحيرة", "السوق"),
    "μέρος": ("στον σταθμό", "στη λίμνη", "στο βουνό", "στην αγορά"),
}

CHATS = (
    DemoChat(
        "Ben",
        "personal_chat",
        BEN.id,
        (BEN, ME),
        (
            "Shall we meet at {place} on {day}?",
            "{day} is fine. The train leaves at {hour}.",
            "I will bring {thing}.",
            "Did you leave {thing} at {place}?",
            "Ha, no. But I found {thing} there 😄",
            "The weather for {day} looks like rain ☔",
            "Then {place} instead? It has a roof.",
            "Agreed. {hour}, and {thing} for everybody.",
            "My neighbour says {place} is closed on {day}.",
            "Could you send me the photo of {place} again?",
        ),
    ),
    DemoChat(
        "Ирина",
        "personal_chat",
        IRINA.id,
        (IRINA, ME),
        (
            "Поедем {место} в субботу?",
            "Я возьму {вещь} 🎒",
            "Поезд в {hour}, не опаздывай!",
            "Кто забыл {вещь}?",
            "Это не я. Ёжик взял 🦔",
            "Тогда {место}, и {вещь} не забудь.",
        ),
    ),
    DemoChat(
        "Weekend hikers ⛰️",
        "private_group",
        2_000_001,
        (ME, BEN, _LIN, _SARA, _NIKOS),
        (
            "Who is in for {place} on {day}?",
            "{場所}で{hour}に会いましょう 🚉",
            "سأكون في {مكان} عند الساعة {hour}",
            "Πάμε {μέρος}; Φέρνω {thing}",
            "I vote for {place} 🙋",
            "{場所}は雨みたいです ☔",
            "هل أحضر الشاي إلى {مكان}؟",
            "Το τρένο φεύγει στις {hour}",
        ),
    ),
    DemoChat(
        None,
        "saved_messages",
        ME.id,
        (ME,),
        (
            "To do before {day}: return {thing}",
            "Ticket for {place}: platform 3, {hour}",
            "Idea: paint {place} in the style of a map",
            "Shopping: tea, oats, {thing}",
        ),
    ),
)
