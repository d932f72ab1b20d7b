"""What ``scripts/build_valuesets.py`` makes the value sets with; not part of the service."""
