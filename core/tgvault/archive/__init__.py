"""Segments, lists cut by key, merging, and reading an archive back."""
