"""One file a family of commands; what they print for people stands in tables.py, for programs in records.py."""
