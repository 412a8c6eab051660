"""How people and schedules start the program."""
