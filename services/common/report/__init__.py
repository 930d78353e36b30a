"""Reports: a document in parts, and its forms: a page, Word, CSV and plain text. Pure."""
