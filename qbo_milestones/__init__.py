"""Milestone billing for QuickBooks Online: invoices and journals only for signed-off deliverables, exactly once."""

import logging

# Nothing is logged anywhere until somebody says where; without this, warnings would go to standard error.
logging.getLogger(__name__).addHandler(logging.NullHandler())
