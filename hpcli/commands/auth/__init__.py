"""`hpcli auth`."""
