"""The consultation of 2019 as synthetic data: `python -m tests.replay [--times 60]`."""
