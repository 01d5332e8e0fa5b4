"""Outputs that acknowledge: each event to where it is worked on, at least once, in order for each device."""
