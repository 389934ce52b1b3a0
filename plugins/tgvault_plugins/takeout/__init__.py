"""Reading a live Telegram account."""
