"""Milestone billing for QuickBooks Online: invoices and journals only for signed-off deliverables, exactly once."""
