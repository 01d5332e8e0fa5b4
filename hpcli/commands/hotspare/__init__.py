"""`hpcli hotspare`."""
