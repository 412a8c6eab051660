"""One run over one company: gather, decide, apply; the steps called by name, in order, in night.py."""
