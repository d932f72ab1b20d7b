"""Recommendations to cards: templates and their check, rendering, suggestions."""
