"""QuickBooks Online over HTTP: what leaves this folder is in our words, never in QuickBooks'."""
