"""Helpers of the suite; tests get at them through the fixtures of tests/conftest.py."""
