"""`hpcli access`."""
