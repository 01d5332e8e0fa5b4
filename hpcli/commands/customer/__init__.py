"""`hpcli customer`."""
