"""What outlives the process: the whole world in one file."""
