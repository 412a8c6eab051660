"""Tests of how people and schedules call the program."""
