"""`hpcli panel`."""
