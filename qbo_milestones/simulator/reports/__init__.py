"""The reports, from the ledger."""
