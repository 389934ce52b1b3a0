"""Media of the demo account: one message for each kind, in the chat with Ann."""

from __future__ import annotations

from datetime import timedelta

from telethon.tl import types

from tgvault.testing.telegram.account.numbers import number
from tgvault.testing.telegram.demo.scene import Scene, marked, plain
from tgvault.testing.telegram.tl import Tl

__all__ = ["add_media"]

_MIB = 1 << 20


def add_media(scene: Scene) -> None:
    """Fill the chat with Ann."""
    _photos(scene)
    _videos(scene)
    _sounds(scene)
    _stickers(scene)
    _files(scene)
    _albums(scene)
    _places(scene)
    _polls(scene)
    _commerce(scene)
    _others(scene)


def _photos(scene: Scene) -> None:
    scene.say("ann", media=types.MessageMediaPhoto(photo=scene.photo()))
    progressive = scene.photo(90_000, letters="smxyw", progressive=True)
    scene.say(
        "ann",
        sender="ann",
        media=types.MessageMediaPhoto(photo=progressive, spoiler=True),
        **marked("With a ", ("caption", types.MessageEntityBold)),
    )
    scene.say("ann", sender="ann", media=types.MessageMediaPhoto(photo=scene.photo(9_000), ttl_seconds=30))
    scene.say("ann", sender="ann", media=types.MessageMediaPhoto(ttl_seconds=10))
    scene.say("ann", sender="ann", media=types.MessageMediaPhoto(photo=types.PhotoEmpty(number("lost photo"))))
    live = scene.document("video/mp4", 80_000, types.DocumentAttributeVideo(2.5, 640, 480, nosound=True))
    scene.say("ann", media=types.MessageMediaPhoto(photo=scene.photo(), live_photo=True, video=live))


def _video(scene: Scene, size: int, **flags: Tl) -> types.Document:
    video = types.DocumentAttributeVideo(12.4, 1280, 720, supports_streaming=True, **flags)
    return scene.document("video/mp4", size, video, types.DocumentAttributeFilename("clip.mp4"), thumb=7_000)


def _videos(scene: Scene) -> None:
    big = types.MessageMediaDocument(video=True, document=_video(scene, 2 * _MIB + 300_001), video_cover=scene.photo())
    scene.say("ann", "A film", media=big)
    hidden = types.MessageMediaDocument(video=True, spoiler=True, document=_video(scene, 200_000), video_timestamp=4)
    scene.say("ann", sender="ann", media=hidden)
    small = types.DocumentAttributeVideo(3.0, 320, 180)
    alternative = types.MessageMediaDocument(
        video=True, document=_video(scene, 90_000), alt_documents=[scene.document("video/mp4", 30_000, small)]
    )
    scene.say("ann", "In two qualities", media=alternative)
    circle = types.DocumentAttributeVideo(7.0, 384, 384, round_message=True)
    message = scene.document("video/mp4", 120_000, circle, thumb=3_000)
    scene.say("ann", sender="ann", media=types.MessageMediaDocument(round=True, document=message), media_unread=True)
    moving = (types.DocumentAttributeVideo(2.0, 320, 240, nosound=True), types.DocumentAttributeAnimated())
    gif = scene.document("video/mp4", 70_000, *moving, types.DocumentAttributeFilename("giphy.mp4"), thumb=2_000)
    via = scene.users["gifs"].id
    scene.say("ann", media=types.MessageMediaDocument(document=gif), via_bot_id=via)
    scene.say("ann", sender="ann", media=types.MessageMediaDocument(video=True, ttl_seconds=5))


def _sounds(scene: Scene) -> None:
    voice = types.DocumentAttributeAudio(11, voice=True, waveform=bytes(range(63)))
    spoken = scene.document("audio/ogg", 21_000, voice)
    scene.say("ann", sender="ann", media=types.MessageMediaDocument(voice=True, document=spoken), media_unread=True)
    scene.say("ann", media=types.MessageMediaDocument(voice=True, ttl_seconds=2**31 - 1))
    song = types.DocumentAttributeAudio(214, title="Owl Song", performer="The Birds")
    music = scene.document("audio/mpeg", 700_000, song, types.DocumentAttributeFilename("Owl Song.mp3"), thumb=4_000)
    scene.say("ann", "Listen", media=types.MessageMediaDocument(document=music))
    bare = scene.document("audio/mpeg", 9_000, types.DocumentAttributeAudio(3))
    scene.say("ann", media=types.MessageMediaDocument(document=bare))


def _stickers(scene: Scene) -> None:
    for package in scene.account.has.sticker_packages[:1]:
        for document in package.documents:
            scene.say("ann", media=types.MessageMediaDocument(document=document))
    lonely = types.DocumentAttributeSticker("🥚", types.InputStickerSetEmpty())
    size = types.DocumentAttributeImageSize(512, 512)
    scene.say("ann", media=types.MessageMediaDocument(document=scene.document("image/webp", 8_000, size, lonely)))


def _files(scene: Scene) -> None:
    def send(document: Tl, text: str = "") -> None:
        scene.say("ann", text, media=types.MessageMediaDocument(document=document))

    send(scene.file("report.pdf", 300_000, "application/pdf"), "The report")
    # As large as two parts of 512 KiB, and not a byte more.
    send(scene.file("exactly one MiB.bin", _MIB))
    send(scene.file("one byte.txt", 1, "text/plain"))
    send(scene.file("Ünïcödé имя 🦉 with / and \\ : * ?.txt", 4_096, "text/plain"))
    send(scene.document("application/zip", 5_000))
    picture = (types.DocumentAttributeImageSize(4000, 3000), types.DocumentAttributeFilename("IMG_0001.JPG"))
    send(scene.document("image/jpeg", 150_000, *picture, thumb=5_000))
    send(types.DocumentEmpty(number("lost document")))


def _albums(scene: Scene) -> None:
    album = number("album", 1)
    scene.say("ann", "An album", media=types.MessageMediaPhoto(photo=scene.photo()), grouped_id=album)
    scene.say("ann", media=types.MessageMediaPhoto(photo=scene.photo(33_000)), grouped_id=album)
    video = types.MessageMediaDocument(video=True, document=_video(scene, 60_000))
    scene.say("ann", media=video, grouped_id=album)
    files = number("album", 2)
    for name in ("a.txt", "b.txt"):
        document = types.MessageMediaDocument(document=scene.file(name, 2_500, "text/plain"))
        scene.say("ann", media=document, sender="ann", grouped_id=files)


def _places(scene: Scene) -> None:
    here = types.GeoPoint(13.377704, 52.516275, number("place"), accuracy_radius=25)
    scene.say("ann", media=types.MessageMediaGeo(here))
    scene.say("ann", sender="ann", media=types.MessageMediaGeoLive(here, 900, heading=90))
    venue = types.MessageMediaVenue(here, "Brandenburger Tor", "Pariser Platz", "foursquare", "4b2f", "gate")
    scene.say("ann", media=venue)
    scene.say("ann", media=types.MessageMediaGeo(types.GeoPointEmpty()))
    vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Boris Бобров\nTEL;MOBILE:+15550103\nEND:VCARD\n"
    boris = scene.users["boris"]
    scene.say("ann", media=types.MessageMediaContact("+15550103", "Boris", "Бобров", vcard, boris.id))
    scene.say("ann", media=types.MessageMediaContact("+15550199", "Nobody", "", "", 0))


def _answer(text: str, option: bytes) -> types.PollAnswer:
    return types.PollAnswer(plain(text), option)


def _voters(option: bytes, voters: int, **flags: Tl) -> types.PollAnswerVoters:
    return types.PollAnswerVoters(option, voters=voters, recent_voters=[], **flags)


def _polls(scene: Scene) -> None:
    answers = [_answer("Owls", b"0"), _answer("Ravens 🐦‍⬛", b"1")]
    emoji = types.TextWithEntities("Which bird? 🦉", [types.MessageEntityBold(0, 5)])
    poll = types.Poll(number("poll", 1), emoji, answers, 1, public_voters=True, multiple_choice=True)
    voters = [_voters(b"0", 2, chosen=True), _voters(b"1", 1)]
    recent = [types.PeerUser(scene.account.self_id)]
    results = types.PollResults(results=voters, total_voters=3, recent_voters=recent)
    scene.say("ann", media=types.MessageMediaPoll(poll, results))
    quiz = types.Poll(
        number("poll", 2), plain("2 + 2?"), [_answer("4", b"a"), _answer("5", b"b")], 1, quiz=True, closed=True
    )
    checked = [
        _voters(b"a", 1, correct=True),
        _voters(b"b", 1, chosen=True),
    ]
    solved = types.PollResults(
        results=checked, total_voters=2, solution="It is 4", solution_entities=[types.MessageEntityItalic(0, 2)]
    )
    scene.say("ann", sender="ann", media=types.MessageMediaPoll(quiz, solved))
    tasks = [types.TodoItem(1, plain("Buy seeds")), types.TodoItem(2, plain("Build a nest"))]
    todo = types.TodoList(plain("For the owls"), tasks, others_can_append=True, others_can_complete=True)
    done = [types.TodoCompletion(1, types.PeerUser(scene.users["ann"].id), scene.account.now)]
    scene.say("ann", media=types.MessageMediaToDo(todo, done))


def _commerce(scene: Scene) -> None:
    picture = types.WebDocument("https://example.org/owl.jpg", 5, 9_000, "image/jpeg", [])
    invoice = types.MessageMediaInvoice("Owl food", "A bag", "EUR", 1_290, "start", photo=picture, receipt_msg_id=4)
    scene.say("shop", sender="shop", media=invoice)
    paid = types.MessageExtendedMedia(types.MessageMediaPhoto(photo=scene.photo(11_000)))
    unpaid = types.MessageExtendedMediaPreview(640, 480, video_duration=9)
    scene.say("ann", sender="ann", media=types.MessageMediaPaidMedia(50, [paid, unpaid]))
    game = types.Game(number("game"), 1, "owls", "Owl Run", "Run, owl", scene.photo(12_000))
    scene.say("ann", sender="ann", media=types.MessageMediaGame(game), via_bot_id=scene.users["helper"].id)
    until = scene.account.now + timedelta(days=7)
    channels = [scene.chats["daily"].id]
    giveaway = types.MessageMediaGiveaway(
        channels, 3, until, only_new_subscribers=True, countries_iso2=["DE"], prize_description="A nest", months=6
    )
    scene.say("ann", sender="ann", media=giveaway)
    winners = [scene.users["ann"].id, scene.users["clara"].id]
    over = types.MessageMediaGiveawayResults(channels[0], 1, 2, 1, winners, until, stars=500)
    scene.say("ann", sender="ann", media=over)


def _others(scene: Scene) -> None:
    scene.say("ann", media=types.MessageMediaDice(6, "🎲"))
    scene.say("ann", sender="ann", media=types.MessageMediaDice(64, "🎰"))
    story = types.MessageMediaStory(types.PeerUser(scene.users["ann"].id), 1, via_mention=True)
    scene.say("ann", sender="ann", media=story)
    page = types.WebPage(
        number("page"),
        "https://example.org/owls",
        "example.org/owls",
        0,
        type="article",
        site_name="Example",
        title="On owls",
        description="Everything",
        photo=scene.photo(14_000),
    )
    link = marked(("https://example.org/owls", types.MessageEntityUrl))
    scene.say("ann", media=types.MessageMediaWebPage(page, force_large_media=True), invert_media=True, **link)
    pending = types.WebPagePending(number("page", 2), scene.account.now, url="https://example.org/slow")
    scene.say("ann", media=types.MessageMediaWebPage(pending))
    scene.say("ann", sender="ann", media=types.MessageMediaUnsupported())
