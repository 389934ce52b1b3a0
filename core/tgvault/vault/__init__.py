"""The objects of a vault: keys, packs, indexes and manifests."""
