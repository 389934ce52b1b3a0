"""Objects as files below one folder: what sinks that keep a vault in a file system have in common."""
