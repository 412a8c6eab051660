"""What stands before every company: tokens, limits, request ids, faults on demand, headers, the log."""
