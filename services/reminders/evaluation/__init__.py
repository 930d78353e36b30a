"""Rules that compare failure-to-appear rates between cohorts: pure functions, no database, no clock, no network.

The arithmetic is statsmodels' and scipy's; what they lack is written here with its source beside it. Those
libraries take seconds to import, so `cli.py` and what it needs to refuse bad input do not import them.
"""
