"""`heed demo`: the whole of Heed told as one story on synthetic data in the real formats, and checked against its own script."""
