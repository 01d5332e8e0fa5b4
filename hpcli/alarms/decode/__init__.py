"""Decode messages of the alarm queue to events: one module for each kind of message."""
