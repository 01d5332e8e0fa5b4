"""`hpcli config`."""
