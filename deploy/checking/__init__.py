"""What `deploy/check` is made of. Python's standard library alone, version 3.9 or later; nothing of Heed is imported."""
