import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from samples.html import writer
from tgvault_plugins.desktop_export.html.body import Entity, as_text
from tgvault_plugins.desktop_export.html.tags import parse
from tgvault_plugins.desktop_export.html.text import read_text

#: Any text, but for the separators that the exporter writes as line breaks, and lone surrogates, which are no text.
PLAIN = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\u2028\u2029"))
MARKED = {
    "bold": "<strong>{}</strong>",
    "italic": "<em>{}</em>",
    "code": "<code>{}</code>",
    "pre": "<pre>{}</pre>",
    "underline": "<u>{}</u>",
    "strikethrough": "<s>{}</s>",
    "blockquote": "<blockquote>{}</blockquote>",
    "spoiler": '<span class="spoiler hidden" onclick="ShowSpoiler(this)"><span aria-hidden="true">{}</span></span>',
    "mention_name": '<a href="" onclick="return ShowMentionName()">{}</a>',
    "hashtag": '<a href="" onclick="return ShowHashtag(&quot;x&amp;quot;&gt;&quot;)">{}</a>',
    "bot_command": '<a href="" onclick="return ShowBotCommand(&quot;x&quot;)">{}</a>',
    "cashtag": '<a href="" onclick="return ShowCashtag(&quot;x&quot;)">{}</a>',
}


def read(markup: str) -> tuple[list[Entity], list[str]]:
    unknown: list[str] = []
    lines = f"\n{markup}\n       "
    found = read_text(
        parse(lines), emoji=lambda place, link: f"{place}:{link}" if link else "(unavailable)", unknown=unknown.append
    )
    return found, unknown


@given(PLAIN)
def test_whatever_is_written_comes_back(plain: str) -> None:
    found, unknown = read(writer.text(plain))

    assert found == ([Entity("plain", plain)] if plain else [])
    assert unknown == []


@given(st.lists(st.tuples(st.sampled_from(["plain", *MARKED]), PLAIN.filter(bool)), max_size=8))
def test_entities_come_back_in_their_order(parts: list[tuple[str, str]]) -> None:
    markup = "".join(MARKED.get(kind, "{}").replace("{}", writer.text(plain)) for kind, plain in parts)
    expected: list[Entity] = []
    for kind, plain in parts:
        if kind == "plain" and expected and expected[-1].type == "plain":
            expected[-1] = Entity("plain", expected[-1].text + plain)
        else:
            expected.append(Entity(kind, plain))

    assert read(markup) == (expected, [])


@given(PLAIN.filter(bool), PLAIN.filter(bool))
def test_links_come_back_with_their_address(plain: str, target: str) -> None:
    found, _ = read(f'<a href="{writer.text(target)}">{writer.text(plain)}</a>')

    assert [each.text for each in found] == [plain]
    assert found[0].type != "text_link" or found[0].href == target


@pytest.mark.parametrize(
    ("href", "plain", "kind"),
    [
        ("https://e.org/?a=1&amp;b=2", "https://e.org/?a=1&b=2", "link"),
        ("e.org/a", "e.org/a", "link"),
        ("https://e.org/a", "e.org/a", "link"),
        ("https://e.org/%C3%A4", "e.org/ä", "link"),
        ("mailto:a@b.cd", "a@b.cd", "email"),
        ("tel:+1 202 555 0100", "+1 202 555 0100", "phone"),
        ("https://t.me/ana_k", "@ana_k", "mention"),
    ],
)
def test_kinds_of_links_are_told_by_their_address(href: str, plain: str, kind: str) -> None:
    assert read(f'<a href="{href}">{plain}</a>') == ([Entity(kind, plain)], [])


def test_a_link_behind_other_words_keeps_its_address() -> None:
    found, _ = read('<a href="https://e.org/&quot;q&quot;">here</a> <a href="mailto:a@b.cd">write</a>')

    assert [(each.type, each.href) for each in found if each.type != "plain"] == [
        ("text_link", 'https://e.org/"q"'),
        ("text_link", "mailto:a@b.cd"),
    ]


def test_custom_emoji_name_their_file_or_say_why_there_is_none() -> None:
    found, _ = read(
        'a<a href = "stickers/x.tgs">😀</a><a href="" onclick="return ShowNotLoadedEmoji();">🎉</a>'
        '<a href="" onclick="return ShowNotAvailableEmoji();">🔥</a>'
    )

    assert found == [
        Entity("plain", "a"),
        Entity("custom_emoji", "😀", document_id="1:stickers/x.tgs"),
        Entity("custom_emoji", "🎉", document_id=""),
        Entity("custom_emoji", "🔥", document_id="(unavailable)"),
    ]


def test_unknown_markup_is_kept_as_text_and_told_of() -> None:
    found, unknown = read('a<mark>b<br>c</mark><a href="" onclick="return ShowNew()">d</a>e<span>f</span>')

    assert found == [Entity("plain", "ab\ncdef")]
    assert unknown == ["<mark> in text", "<a> in text", "<span> in text"]


def test_a_text_without_anything_is_empty() -> None:
    assert read_text(parse(""), emoji=lambda place, link: "", unknown=[].append) == []


def test_a_text_without_the_writers_line_ends_is_read_alike() -> None:
    found = read_text(parse("<em>a</em> b"), emoji=lambda place, link: "", unknown=[].append)

    assert found == [Entity("italic", "a"), Entity("plain", " b")]
    assert read_text(parse("<em>a</em>"), emoji=lambda place, link: "", unknown=[].append) == found[:1]


def test_markup_in_markup_is_flat() -> None:
    assert read("<strong>a<em>b</em><br>c</strong>") == ([Entity("bold", "ab\nc")], [])


def test_one_plain_run_is_a_string_and_everything_else_a_list() -> None:
    plain, bold = Entity("plain", "a"), Entity("bold", "b")

    assert as_text([]) == ""
    assert as_text([plain]) == "a"
    assert as_text([bold]) == [bold]
    assert as_text([plain, bold]) == ["a", bold]
    assert bold.href is UNSET
