"""Delivery at risk, withdrawal, its mimics and its treatment (R03–R19)."""
