"""Requests to try: one in each client's dialect."""
