"""`hpcli ptz`."""
