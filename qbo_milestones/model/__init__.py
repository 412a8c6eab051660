"""Frozen nouns that several steps share; standard library only."""
