"""Finding plugins, loading them one by one when they are used, and making what they bring."""
