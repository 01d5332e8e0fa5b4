"""`hpcli alarms`."""
