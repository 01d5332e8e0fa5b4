"""`hpcli site`."""
