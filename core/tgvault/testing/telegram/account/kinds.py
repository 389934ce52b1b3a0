"""Of which kind a message is, as the filters of searches see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from telethon.tl import types

from tgvault.testing.telegram.tl import Tl

__all__ = ["test_of"]


def _attributes(message: Tl) -> Iterator[Tl]:
    document = getattr(getattr(message, "media", None), "document", None)
    return iter(getattr(document, "attributes", ()))


def _has(message: Tl, kind: type[Tl], **flags: bool) -> bool:
    return any(
        isinstance(each, kind) and all(bool(getattr(each, name)) is value for name, value in flags.items())
        for each in _attributes(message)
    )


def _photo(message: Tl) -> bool:
    return isinstance(getattr(message, "media", None), types.MessageMediaPhoto)


def _round(message: Tl) -> bool:
    return _has(message, types.DocumentAttributeVideo, round_message=True)


def _gif(message: Tl) -> bool:
    return _has(message, types.DocumentAttributeAnimated)


def _video(message: Tl) -> bool:
    return _has(message, types.DocumentAttributeVideo, round_message=False) and not _gif(message)


def _voice(message: Tl) -> bool:
    return _has(message, types.DocumentAttributeAudio, voice=True)


def _music(message: Tl) -> bool:
    return _has(message, types.DocumentAttributeAudio, voice=False)


def _file(message: Tl) -> bool:
    """An ordinary file: a document that is nothing else."""
    if not isinstance(getattr(getattr(message, "media", None), "document", None), types.Document):
        return False
    special = types.DocumentAttributeVideo | types.DocumentAttributeAudio | types.DocumentAttributeSticker
    return not any(isinstance(each, special) for each in _attributes(message))


def _link(message: Tl) -> bool:
    links = types.MessageEntityUrl | types.MessageEntityTextUrl
    return any(isinstance(each, links) for each in getattr(message, "entities", None) or ())


def _media(*kinds: type[Tl]) -> Callable[[Tl], bool]:
    return lambda message: isinstance(getattr(message, "media", None), kinds)


def _action(*kinds: type[Tl]) -> Callable[[Tl], bool]:
    return lambda message: isinstance(getattr(message, "action", None), kinds)


_TESTS: dict[type[Tl], Callable[[Tl], bool]] = {
    types.InputMessagesFilterEmpty: lambda message: True,
    types.InputMessagesFilterPhotos: _photo,
    types.InputMessagesFilterVideo: _video,
    types.InputMessagesFilterPhotoVideo: lambda message: _photo(message) or _video(message),
    types.InputMessagesFilterDocument: _file,
    types.InputMessagesFilterUrl: _link,
    types.InputMessagesFilterGif: _gif,
    types.InputMessagesFilterVoice: _voice,
    types.InputMessagesFilterMusic: _music,
    types.InputMessagesFilterRoundVideo: _round,
    types.InputMessagesFilterRoundVoice: lambda message: _round(message) or _voice(message),
    types.InputMessagesFilterMyMentions: lambda message: bool(getattr(message, "mentioned", False)),
    types.InputMessagesFilterPinned: lambda message: bool(getattr(message, "pinned", False)),
    types.InputMessagesFilterGeo: _media(types.MessageMediaGeo, types.MessageMediaGeoLive, types.MessageMediaVenue),
    types.InputMessagesFilterContacts: _media(types.MessageMediaContact),
    types.InputMessagesFilterPoll: _media(types.MessageMediaPoll),
    types.InputMessagesFilterPhoneCalls: _action(types.MessageActionPhoneCall, types.MessageActionConferenceCall),
    types.InputMessagesFilterChatPhotos: _action(types.MessageActionChatEditPhoto),
}


def test_of(kind: Tl) -> Callable[[Tl], bool]:
    """Give what tells whether a filter of `messages.search` lets a message pass."""
    return _TESTS[type(kind)]
