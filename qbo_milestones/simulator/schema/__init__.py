"""What a company can hold, as data: entities, their fields, what may be done and asked."""
