"""A host and its spares: one of them reads an account's alarms, by the heartbeats of the platform (Guide §2.9)."""
