"""`hpcli health`."""
