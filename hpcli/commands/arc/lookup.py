"""Code shared by the verbs of `hpcli arc`."""

WAITING = 0
