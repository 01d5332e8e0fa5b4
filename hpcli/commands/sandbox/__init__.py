"""`hpcli sandbox`."""
