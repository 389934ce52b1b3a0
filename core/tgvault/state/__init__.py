"""The local database of a vault: a cache of what the sink holds, and what this machine remembers of it."""
