"""The simulator's pages in a real browser; run by scripts/test-pages."""
