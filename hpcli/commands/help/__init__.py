"""`hpcli help`."""
