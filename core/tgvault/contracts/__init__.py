"""The Protocols that plugins fill: sources, transforms, sinks and formats."""
