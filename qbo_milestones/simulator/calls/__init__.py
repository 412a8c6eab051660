"""What a client can ask of a company, from path and body to the envelope of the answer."""
