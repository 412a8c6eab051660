"""The decisions, pure, in the order in which a row goes forward, from register to reconciliation."""
