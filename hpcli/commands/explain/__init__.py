"""`hpcli explain`."""
