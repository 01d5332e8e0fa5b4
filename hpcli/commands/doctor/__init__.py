"""`hpcli doctor`."""
