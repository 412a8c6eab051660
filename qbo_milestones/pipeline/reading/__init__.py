"""How the cells of a register are read: pure rules from raw sheets to nouns (register.md, Reading rules)."""
