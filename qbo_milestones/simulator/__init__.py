"""Our own local QuickBooks Online: real HTTP, real OAuth 2, a real ledger. Imports nothing of the rest of the house.

Start it with ``server.serve`` (blocking) or ``server.running`` (a context manager for tests).
"""
