"""Pilots that never were: generated people with a planted effect, allocated and analysed by the pilot's own functions.

Everything here is synthetic. Nothing touches a database, a clock or a network.
"""
