"""The decisions, pure, in the order in which a row goes forward: register, gate, plan, outbox, settlement, reconciliation."""
