"""Benchmarks, and the results that docs/speed.md quotes."""
