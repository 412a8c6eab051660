"""What each kind of transaction puts on the ledger."""
