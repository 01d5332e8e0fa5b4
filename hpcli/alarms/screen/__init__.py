"""Alarms on a terminal: one line an event."""
