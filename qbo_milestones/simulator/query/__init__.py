"""The query language: its grammar and its search."""
