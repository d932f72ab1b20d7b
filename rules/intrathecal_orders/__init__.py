"""Orders of intrathecal baclofen (R33–R38)."""
