"""Journeys: the whole program, from a register on disk to the books of a simulated company, over real HTTP."""
