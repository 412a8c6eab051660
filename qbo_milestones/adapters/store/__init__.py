"""Our own database: postings, books as last read, flags, runs, the connection."""
