"""`hpcli person`."""
