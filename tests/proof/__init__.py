"""The proof that nothing is billed twice and nothing is lost: levels A to I (reliability.md 2)."""
