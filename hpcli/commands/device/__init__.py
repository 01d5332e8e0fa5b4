"""`hpcli device`."""
