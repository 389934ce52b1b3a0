"""Service messages of the demo account: one for nearly every action there is."""

from __future__ import annotations

from datetime import timedelta

from telethon.tl import types

from tgvault.testing.telegram.account.numbers import number
from tgvault.testing.telegram.demo.scene import Scene, plain
from tgvault.testing.telegram.tl import Tl

__all__ = ["add_services"]


def add_services(scene: Scene) -> None:
    """Fill the basic groups, the supergroup that was one, and the chats with Clara and the bots."""
    _groups(scene)
    _migration(scene)
    _supergroup(scene)
    _private(scene)
    _bots(scene)
    _gifts(scene)


def _groups(scene: Scene) -> None:
    ann, boris = scene.users["ann"].id, scene.users["boris"].id
    scene.note("lunch", types.MessageActionChatCreate("Lunch", [scene.account.self_id, ann]))
    scene.say("lunch", "Where today?", sender="ann")
    scene.note("lunch", types.MessageActionChatAddUser([boris]), sender="ann")
    scene.note("lunch", types.MessageActionChatEditTitle("Lunch!"))
    scene.note("lunch", types.MessageActionChatEditPhoto(scene.photo(16_000, letters="abc")), sender="boris")
    scene.note("lunch", types.MessageActionChatDeletePhoto(), sender="boris")
    scene.note("lunch", types.MessageActionChatJoinedByLink(ann), sender="clara")
    scene.note("lunch", types.MessageActionChatDeleteUser(scene.users["clara"].id))
    first = scene.talks["lunch"].messages.ids[0]
    header = types.MessageReplyHeader(reply_to_msg_id=first + 1)
    scene.note("lunch", types.MessageActionPinMessage(), sender="ann", reply_to=header)
    scene.note("lunch", types.MessageActionScreenshotTaken(), sender="boris")
    near = types.MessageActionGeoProximityReached(types.PeerUser(ann), types.PeerUser(boris), 100)
    scene.note("lunch", near, sender="ann")
    scene.say("lunch", "The usual place", sender="gone")
    scene.note("lunch", types.MessageActionEmpty())


def _migration(scene: Scene) -> None:
    scene.note("old club", types.MessageActionChatCreate("Club", [scene.account.self_id, scene.users["ann"].id]))
    first = scene.say("old club", "The first words in the club")
    reply = types.MessageReplyHeader(reply_to_msg_id=first.id)
    scene.say("old club", "The second", sender="ann", reply_to=reply)
    picture = types.MessageMediaPhoto(photo=scene.photo(17_000))
    scene.say("old club", "Before the move", sender="ann", media=picture)
    moved = scene.note("old club", types.MessageActionChatMigrateTo(scene.chats["club"].id))
    scene.talks["club"].full["migrated_from_max_id"] = moved.id
    scene.note("club", types.MessageActionChannelMigrateFrom("Club", scene.chats["old club"].id))


def _supergroup(scene: Scene) -> None:
    call = types.InputGroupCall(number("call"), 1)
    later = scene.account.now + timedelta(days=1)
    ann = scene.users["ann"].id
    for action in (
        types.MessageActionChatJoinedByRequest(),
        types.MessageActionGroupCall(call),
        types.MessageActionGroupCall(call, duration=125),
        types.MessageActionInviteToGroupCall(call, [ann]),
        types.MessageActionGroupCallScheduled(call, later),
        types.MessageActionSetMessagesTTL(86_400),
        types.MessageActionSetMessagesTTL(0, auto_setting_from=ann),
        types.MessageActionSetChatTheme(types.ChatTheme("🐤")),
        types.MessageActionBoostApply(3),
    ):
        scene.note("club", action, sender="ann")
    _supergroup_of_today(scene, ann)


def _supergroup_of_today(scene: Scene, ann: int) -> None:
    """What Telegram brought in since 2024."""
    for action in (
        types.MessageActionPaidMessagesPrice(10),
        types.MessageActionPaidMessagesPrice(0, broadcast_messages_allowed=True),
        types.MessageActionPaidMessagesRefunded(2, 20),
        types.MessageActionTodoCompletions([1], [2]),
        types.MessageActionTodoAppendTasks([types.TodoItem(3, plain("Sing"))]),
        types.MessageActionNoForwardsToggle(False, True),
        types.MessageActionNoForwardsRequest(False, True, expired=True),
        types.MessageActionChangeCreator(ann),
        types.MessageActionNewCreatorPending(ann),
        types.MessageActionPollAppendAnswer(types.PollAnswer(plain("Crows"), b"2")),
        types.MessageActionPollDeleteAnswer(types.PollAnswer(plain("Crows"), b"2")),
        types.MessageActionCustomAction("Something custom happened"),
        types.MessageActionHistoryClear(),
        types.MessageActionChatJoinedViaCommunity(77),
        types.MessageActionChangeCommunity(),
    ):
        scene.note("club", action, sender="ann")


def _private(scene: Scene) -> None:
    clara = types.PeerUser(scene.users["clara"].id)
    paper = types.WallPaperNoFile(number("paper"), dark=True, settings=types.WallPaperSettings(background_color=255))
    for action in (
        types.MessageActionContactSignUp(),
        types.MessageActionPhoneCall(number("call", 1), reason=types.PhoneCallDiscardReasonHangup(), duration=62),
        types.MessageActionPhoneCall(number("call", 2), video=True, reason=types.PhoneCallDiscardReasonMissed()),
        types.MessageActionPhoneCall(number("call", 3), reason=types.PhoneCallDiscardReasonBusy()),
        types.MessageActionConferenceCall(number("call", 4), duration=30, other_participants=[clara]),
        types.MessageActionSuggestProfilePhoto(scene.photo(18_000, letters="abc")),
        types.MessageActionSetChatWallPaper(paper, for_both=True),
        types.MessageActionSetChatWallPaper(paper, same=True),
        types.MessageActionSuggestBirthday(types.Birthday(10, 12, 1815)),
    ):
        scene.note("clara", action, sender="clara")


def _bots(scene: Scene) -> None:
    charge = types.PaymentCharge("charge", "provider")
    peers: list[Tl] = [types.PeerUser(scene.users["ann"].id), types.PeerChannel(scene.chats["birds"].id)]
    for action in (
        types.MessageActionBotAllowed(domain="shop.example.org"),
        types.MessageActionBotAllowed(attach_menu=True),
        types.MessageActionBotAllowed(
            app=types.BotApp(1, 2, "owls", "Owl App", "An app", types.PhotoEmpty(0), 3), from_request=True
        ),
        types.MessageActionPaymentSent("EUR", 1_290, invoice_slug="slug", recurring_init=True),
        types.MessageActionPaymentRefunded(types.PeerUser(scene.users["shop"].id), "XTR", 5, charge),
        types.MessageActionGameScore(number("game"), 42),
        types.MessageActionWebViewDataSent("Open"),
        types.MessageActionRequestedPeer(7, peers),
        types.MessageActionSecureValuesSent([types.SecureValueTypePassport(), types.SecureValueTypeEmail()]),
        types.MessageActionManagedBotCreated(scene.users["helper"].id),
    ):
        header = types.MessageReplyHeader(reply_to_msg_id=scene.talks["shop"].top())
        scene.note("shop", action, sender="shop", reply_to=header)


def _gifts(scene: Scene) -> None:
    sticker = scene.account.has.sticker_packages[0].documents[1]
    gift = types.StarGift(
        number("gift"), sticker, 100, 85, limited=True, availability_remains=7, availability_total=1_000, title="Owl"
    )
    price = types.StarsAmount(5, 0)
    unique = types.StarGiftUnique(number("unique"), gift.id, "Owl", "owl-7", 7, [], 7, 1_000)
    channel = types.PeerChannel(scene.chats["daily"].id)
    for action in (
        types.MessageActionGiftPremium("EUR", 1_999, 180, message=plain("Enjoy")),
        types.MessageActionGiftCode(90, "code", via_giveaway=True, boost_peer=channel),
        types.MessageActionGiftStars("EUR", 199, 100, transaction_id="t1"),
        types.MessageActionGiftTon("TON", 1, "TON", 2_000_000_000, transaction_id="t2"),
        types.MessageActionPrizeStars(500, "t3", channel, 4, unclaimed=True),
        types.MessageActionStarGift(gift, message=plain("For you 🦉"), convert_stars=85, saved=True),
        types.MessageActionStarGiftUnique(unique, transferred=True, can_export_at=1_700_000_000, transfer_stars=25),
        types.MessageActionStarGiftPurchaseOffer(unique, price, scene.account.now + timedelta(days=1)),
        types.MessageActionStarGiftPurchaseOfferDeclined(unique, price),
        types.MessageActionSuggestedPostApproval(price=price, schedule_date=scene.account.now),
        types.MessageActionSuggestedPostSuccess(price),
        types.MessageActionSuggestedPostRefund(payer_initiated=True),
    ):
        scene.note("clara", action, sender="clara")
