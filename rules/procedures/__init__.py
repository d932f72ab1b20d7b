"""Procedures and surroundings (R48–R53)."""
