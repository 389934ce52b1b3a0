"""The values that travel from a source to the archive: records, findings and names."""
