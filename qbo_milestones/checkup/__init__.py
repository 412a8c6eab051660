"""The doctor: looks at machine, database, postings and company, one finding each, and changes nothing."""
