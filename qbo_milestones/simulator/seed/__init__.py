"""The companies that a simulator starts with, as data."""
