"""`hpcli alarms forward`: outputs that acknowledge each event."""
