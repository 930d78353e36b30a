"""From texts to themes that people stand behind: pure functions on plain dataclasses and arrays.

A machine suggests, a person decides. No database, no clock, no network. `ridge.py`, `calibration.py`, `suggestions.py`,
`agreement.py` and `emerging.py` import scikit-learn or scipy, which take seconds to load; the rest do not.
"""
