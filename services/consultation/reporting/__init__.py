"""A consultation's report from its figures: themes, what is hidden, words, charts and files. Pure."""
