"""The pages that a person sees: the books of a company, one object, the consent page, and what went wrong."""
