"""Has the money come? What was paid on our invoices, and how far towards the bank it got."""
