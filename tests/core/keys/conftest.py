"""A real GNOME Keyring on a session bus of the test's own."""

from keyring_support import new_session, unlock_keyring

__all__ = ["new_session", "unlock_keyring"]
