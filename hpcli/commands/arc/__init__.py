"""`hpcli arc`."""
