"""The state of one company: its objects, the ledger under them, and what follows from both."""
