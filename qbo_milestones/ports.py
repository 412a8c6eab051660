"""Protocols: what a run asks of the world."""
