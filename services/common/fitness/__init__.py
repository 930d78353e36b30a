"""Is this installation fit: one fact a line, how it stands, and what to do where it is not well."""
