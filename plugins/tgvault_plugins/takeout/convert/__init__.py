"""Telegram's own objects in the schema of Telegram Desktop's export."""
