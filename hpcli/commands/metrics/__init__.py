"""`hpcli metrics`."""
