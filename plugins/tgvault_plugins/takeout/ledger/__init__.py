"""The source's own database: what was fetched, how far, and what is still wanted."""
