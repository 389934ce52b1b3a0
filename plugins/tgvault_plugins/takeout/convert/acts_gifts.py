"""Service messages about money: payments, gifts, prizes, posts that were suggested for a price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.acts import Act
from tgvault_plugins.takeout.convert.money import cost
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.text import joined
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.values import Fields, only

__all__ = ["GIFTS"]

_NANO = 10**9


def _payment(action: Any, act: Act) -> Fields:
    found: Fields = {"action": "send_payment", "amount": action.total_amount, **only([("currency", action.currency)])}
    found |= act.message("invoice_message_id")
    if action.recurring_used or action.recurring_init:
        found["recurring"] = "used" if action.recurring_used else "init"
    return found


def _premium(action: types.MessageActionGiftPremium, act: Act) -> Fields:
    days = {"days": action.days} if action.days else {}
    return act.by("send_premium_gift", only([("cost", cost(action.amount, action.currency))]) | days)


def _gift_code(action: types.MessageActionGiftCode, _: Act) -> Fields:
    return {
        "action": "gift_code_prize",
        **only([("gift_code", action.slug), ("boost_peer_id", peer_id_text(action.boost_peer))]),
        "days": action.days,
        "unclaimed": bool(action.unclaimed),
        "via_giveaway": bool(action.via_giveaway),
    }


def _giveaway_results(action: types.MessageActionGiveawayResults, _: Act) -> Fields:
    counts: Fields = {"winners": action.winners_count, "unclaimed": action.unclaimed_count}
    return {"action": "giveaway_results", **counts, "stars": bool(action.stars)}


def _refunded(action: types.MessageActionPaymentRefunded, act: Act) -> Fields:
    return {
        "action": "refunded_payment",
        "amount": action.total_amount,
        **only([("currency", action.currency)]),
        "peer_name": act.making.around.peers.name(action.peer),
        "peer_id": peer_id_text(action.peer),
        **only([("charge_id", action.charge.id)]),
    }


def _stars(action: types.MessageActionGiftStars, act: Act) -> Fields:
    amount = {"amount_whole": action.stars, "amount_nano": 0} if action.stars else {}
    return act.by("send_stars_gift", only([("cost", cost(action.amount, action.currency))]) | amount)


def _ton(action: types.MessageActionGiftTon, act: Act) -> Fields:
    # Telegram Desktop takes the amount for billionths, whatever the currency; `api` has the true ones.
    whole, nano = divmod(action.amount, _NANO)
    amount = {"amount_whole": whole, "amount_nano": nano} if action.amount else {}
    return act.by("send_ton_gift", only([("cost", cost(action.amount, action.currency))]) | amount)


def _prize(action: types.MessageActionPrizeStars, act: Act) -> Fields:
    return act.by(
        "stars_prize",
        {
            "boost_peer_id": peer_id_text(action.boost_peer),
            "boost_peer_name": act.making.around.peers.name(action.boost_peer),
            "stars": action.stars,
            "is_unclaimed": bool(action.unclaimed),
            "giveaway_msg_id": action.giveaway_msg_id,
            **only([("transaction_id", action.transaction_id)]),
        },
    )


def _gift(action: Any, act: Act) -> Fields:
    gift = action.gift
    # One that was made unique has no price and no text of its own.
    usual = gift if isinstance(gift, types.StarGift) else None
    text = action.message if isinstance(action, types.MessageActionStarGift) else None
    return act.by(
        "send_star_gift",
        {
            "gift_id": gift.id,
            "stars": usual.stars if usual is not None else 0,
            "is_limited": bool(usual is not None and usual.limited),
            "is_anonymous": bool(isinstance(action, types.MessageActionStarGift) and action.name_hidden),
            "gift_text": joined(text, act.making),
        },
    )


def _refunded_messages(action: types.MessageActionPaidMessagesRefunded, act: Act) -> Fields:
    return act.by("paid_messages_refund", {"messages_count": action.count, "stars_count": action.stars})


def _approval(action: types.MessageActionSuggestedPostApproval, act: Act) -> Fields:
    if action.rejected:
        return act.by("process_suggested_post", {"rejected": True, **only([("comment", action.reject_comment)])})
    return act.by("process_suggested_post", _price(action.price) | {"scheduled_date": unix_of(action.schedule_date)})


def _price(price: Any) -> Fields:
    if isinstance(price, types.StarsTonAmount):
        whole, nano = divmod(price.amount, _NANO)
        return {"price_amount_whole": str(whole), "price_amount_nano": str(nano), "price_currency": "TON"}
    whole, nano = (price.amount, price.nanos) if isinstance(price, types.StarsAmount) else (0, 0)
    return {"price_amount_whole": str(whole), "price_amount_nano": str(nano), "price_currency": "Stars"}


GIFTS: dict[type, Callable[[Any, Act], Fields]] = {
    types.MessageActionPaymentSent: _payment,
    types.MessageActionPaymentSentMe: _payment,
    types.MessageActionPaymentRefunded: _refunded,
    types.MessageActionGiftPremium: _premium,
    types.MessageActionGiftCode: _gift_code,
    types.MessageActionGiftStars: _stars,
    types.MessageActionGiftTon: _ton,
    types.MessageActionGiveawayLaunch: lambda _, act: {"action": "giveaway_launch"},
    types.MessageActionGiveawayResults: _giveaway_results,
    types.MessageActionPrizeStars: _prize,
    types.MessageActionStarGift: _gift,
    types.MessageActionStarGiftUnique: _gift,
    types.MessageActionStarGiftPurchaseOffer: _gift,
    types.MessageActionStarGiftPurchaseOfferDeclined: _gift,
    types.MessageActionPaidMessagesRefunded: _refunded_messages,
    types.MessageActionSuggestedPostApproval: _approval,
    types.MessageActionSuggestedPostSuccess: lambda action, act: act.by("suggested_post_success", _price(action.price)),
    types.MessageActionSuggestedPostRefund: lambda action, act: act.by(
        "suggested_post_refund", {"user_initiated": bool(action.payer_initiated)}
    ),
}
