"""The knowledge looked at from outside: checks, rule pages, served value sets."""
