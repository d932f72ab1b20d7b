"""Who has a pump, and what is on record about it (R01, R02)."""
