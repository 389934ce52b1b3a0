import time

import pytest

from tgvault_plugins.desktop_export.html.tags import (
    MAX_DEPTH,
    Element,
    attribute,
    elements,
    everything,
    first,
    own_line,
    parse,
    unescape,
    visible_text,
)


def outline(element: Element) -> list[object]:
    return [each if isinstance(each, str) else [each.tag, each.classes, *outline(each)] for each in element.children]


def test_a_tree_has_the_tags_classes_and_text_of_the_piece() -> None:
    root = parse('a<div class="body details" id="x">b<br>c<em>d</em></div>e')

    assert outline(root) == ["a", ["div", "body details", "b", ["br", ""], "c", ["em", "", "d"]], "e"]


def test_text_alone_is_a_tree() -> None:
    assert outline(parse("text")) == ["text"]
    assert outline(parse("")) == []


def test_a_class_is_found_wherever_it_stands_among_the_attributes() -> None:
    root = parse("<a href='x' class='one two'>t</a><b CLASS=three>")

    assert [each.classes for each in elements(root)] == ["one two", ""]


def test_an_end_tag_closes_what_is_open_within() -> None:
    root = parse("<div><em>a<strong>b</div>c")

    assert outline(root) == [["div", "", ["em", "", "a", ["strong", "", "b"]]], "c"]


def test_an_end_tag_that_closes_nothing_is_left_out() -> None:
    assert outline(parse("a</div>b<p>c</em>d</p>")) == ["a", "b", ["p", "", "c", "d"]]


def test_tags_may_be_written_large() -> None:
    assert outline(parse("<DIV>a<BR>b</DIV>c")) == [["div", "", "a", ["br", ""], "b"], "c"]


def test_a_quoted_greater_than_sign_does_not_end_a_tag() -> None:
    (link,) = elements(parse("<a onclick=\"x > 'y'\" href='a>b'>t</a>"))

    assert attribute(link.attributes, "href") == "a>b"
    assert visible_text(link) == "t"


def test_comments_and_declarations_are_left_out_and_what_follows_them_is_kept() -> None:
    assert visible_text(parse("a<!-- <b>no</b> - -- -->b<!DOCTYPE x>c<?php d?>e</ >f")) == "abcef"
    assert visible_text(parse("<!---->a<!--->--->b<!-- ---->c")) == "abc"


def test_a_lone_less_than_sign_is_text() -> None:
    assert visible_text(parse("1 < 2 <3 <")) == "1 < 2 <3 <"


def test_a_piece_that_ends_inside_a_tag_ends_there() -> None:
    assert outline(parse('<div class="a">b<em title="c')) == [["div", "a", "b", ["em", ""]]]
    assert outline(parse("a<!-- b")) == ["a"]


def test_attributes_are_read_in_every_form() -> None:
    attributes = """ ="" href = "a b" title='c' data-x=d e"""

    assert [attribute(attributes, name) for name in ("href", "title", "data-x", "e", "f")] == [
        "a b",
        "c",
        "d",
        "",
        None,
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&quot;&amp;&apos;&lt;&gt;&laquo;&raquo;", "\"&'<>«»"),
        ("&#x00;&#x1F;&#13;&#128;&#x1F600;", "\0\x1f\r\x80😀"),
        ("&#xD800;&#x110000;&#99999999;", "\ufffd\ufffd\ufffd"),
        ("&nothing; & &amp &#; &#x;", "&nothing; & &amp &#; &#x;"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_character_references_mean_what_they_say(written: str, meant: str) -> None:
    assert unescape(written) == meant


def test_visible_text_takes_line_breaks_for_line_feeds() -> None:
    assert visible_text(parse("a<br>b<div>c<br/>d</div>")) == "a\nbc\nd"


def test_own_line_takes_off_the_line_feeds_of_the_writer_and_no_others() -> None:
    assert own_line(parse("\n<br> a <br>\n       ")) == "\n a \n"
    assert own_line(parse("a\nb")) == "a\nb"
    assert own_line(parse("")) == ""


def test_everything_yields_elements_in_the_order_in_which_they_begin() -> None:
    root = parse("<a><b><c></c></b><d></d></a><e></e>")

    assert [each.tag for each in everything(root)] == ["a", "b", "c", "d", "e"]


def test_first_finds_a_class_among_others() -> None:
    root = parse('<div class="ab">1</div><div class="x a y">2</div>')

    found = first(root, "a")

    assert found is not None
    assert visible_text(found) == "2"
    assert first(root, "z") is None


def test_text_below_any_depth_is_kept() -> None:
    depth = MAX_DEPTH * 20

    root = parse("<div>" * depth + "deep" + "</div>" * depth + "after")

    assert visible_text(root) == "deepafter"


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<a ",
        '<a "',
        "<a '\"",
        "<!--",
        "<!",
        "</",
        "&",
        "&#",
        "<a b",
        "<a =",
        "<i>",
        "</b>",
        "<i></b>",
        '<a b="c" ',
        "'",
    ],
)
def test_no_input_takes_more_than_linear_time(part: str) -> None:
    piece = part * (400_000 // len(part))
    begun = time.process_time()

    root = parse(piece)
    visible_text(root)
    for each in everything(root):
        attribute(each.attributes, "href")

    assert time.process_time() - begun < 5
