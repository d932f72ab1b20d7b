"""Drugs that add to baclofen's sedation (R22–R32)."""
