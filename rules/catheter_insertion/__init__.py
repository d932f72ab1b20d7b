"""Reasons not to insert a catheter now, and whom to select (R39–R47)."""
