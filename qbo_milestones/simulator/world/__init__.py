"""Everything one running simulator knows, and the parts of it that belong to no company."""
