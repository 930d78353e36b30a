"""Benchmarks: `make bench`. Every figure is a ratio within one run, against a floor program or the same code on less."""
