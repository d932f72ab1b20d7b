"""Too much baclofen (R20, R21)."""
