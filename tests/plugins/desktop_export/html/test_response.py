from msgspec import UNSET

from samples.html import writer
from tgvault.api import MediaRef
from tgvault_plugins.desktop_export.html.body import Button, Reaction, Reactor
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.response import read_buttons, read_reactions
from tgvault_plugins.desktop_export.html.tags import parse


def button(caption: str, attributes: str) -> str:
    return writer.block("div", f"<a{attributes}>{writer.block('div', caption)}</a>", classes="bot_button")


def clicked(shown: str) -> str:
    script = shown.replace("\\", "\\\\").replace("'", "\\'")
    call = writer.text(f"return ShowTextCopied('{script}');")
    return f' ="" onclick="{call}"'


def buttons(*rows: str) -> object:
    reading = Reading(1, "message", folder="")
    cells = "".join(f'<tr><td class="bot_button_row">{row}</td></tr>' for row in rows)
    read_buttons(reading, parse(f"<tbody>{cells}</tbody>"))
    return reading.body.inline_bot_buttons


def reactions(*signs: str) -> Reading:
    reading = Reading(1, "message", folder="")
    read_reactions(reading, parse("".join(signs)))
    return reading


def sign(emoji: str, *, extra: str = "", count: str = "", titles: tuple[str, ...] = ()) -> str:
    people = "".join(
        f'<div class="userpic userpic2"><div class="initials"{title}>\nA\n</div></div>' for title in titles
    )
    counted = writer.block("span", count, classes="count") if count else ""
    userpics = writer.block("span", people, classes="userpics") if people else ""
    return writer.block(
        "span", writer.block("span", emoji, classes="emoji") + userpics + counted, classes=f"reaction{extra}"
    )


def test_buttons_stand_in_rows() -> None:
    separator = '<div class="bot_button_column_separator"></div>'
    link = button("Site", ' ="" href="https://e.org/?a&amp;b"')
    callback = button("It&apos;s", clicked("Data: a | b'\\ | Type: callback"))

    assert buttons(link + separator + callback, button("Pay", clicked("Type: buy"))) == [
        [Button("url", "Site", data="https://e.org/?a&b"), Button("callback", "It's", data="a | b'\\")],
        [Button("buy", "Pay")],
    ]


def test_a_button_with_a_text_to_forward() -> None:
    found = buttons(button("In", clicked("Data: https://e.org/a | Forward text: go | on | Type: auth")))

    assert found == [[Button("auth", "In", data="https://e.org/a", forward_text="go | on")]]


def test_data_with_line_ends_is_kept() -> None:
    assert buttons(button("x", clicked("Data: a\nb\x01 | Type: callback"))) == [
        [Button("callback", "x", data="a\nb\x01")]
    ]


def test_a_button_that_does_nothing_known_keeps_its_caption() -> None:
    found = buttons(button("x", ""), '<div class="bot_button">\ny\n</div>', button("z", ' onclick="new()"'))

    assert found == [[Button("default", "x")], [Button("default", "y")], [Button("default", "z")]]


def test_a_reaction_has_sign_count_and_names() -> None:
    found = reactions(sign("❤", extra=" active", count="12", titles=(' title="Ana &amp; Co"', "")))

    assert found.body.reactions == [Reaction("emoji", 12, emoji="❤", recent=[Reactor("Ana & Co"), Reactor(None)])]


def test_where_no_count_is_written_all_who_reacted_are_shown() -> None:
    found = reactions(sign("👍", titles=(' title="Ana"', ' title="Ben"')), sign("👎", count="many"))

    assert found.body.reactions == [
        Reaction("emoji", 2, emoji="👍", recent=[Reactor("Ana"), Reactor("Ben")]),
        Reaction("emoji", 0, emoji="👎"),
    ]


def test_paid_and_custom_reactions() -> None:
    found = reactions(
        sign("⭐", extra=" paid", count="500"),
        sign('<a href = "stickers/x.tgs">👋</a>', count="1"),
        sign('<a href="" onclick="return ShowNotAvailableEmoji();">👋</a>', count="1"),
        sign('<a href="https://e.org">👋</a>', count="1"),
    )

    assert found.body.reactions == [
        Reaction("paid", 500),
        Reaction("custom_emoji", 1, document_id="stickers/x.tgs"),
        Reaction("custom_emoji", 1, document_id="(unavailable)"),
        Reaction("custom_emoji", 1, document_id=""),
    ]
    assert found.media == [
        MediaRef("reactions/1/document_id", "stickers/x.tgs"),
        MediaRef("reactions/2/document_id", None, "unavailable"),
    ]


def test_a_reaction_without_a_sign() -> None:
    found = reactions('<span class="reaction"></span>', "<span>new</span>")

    assert found.body.reactions == [Reaction("emoji", 0, emoji="")]
    assert Reaction("paid", 1).recent is UNSET
