"""What a test or a demonstration may set and see."""
