"""Benchmarks, and the results that the README quotes."""
