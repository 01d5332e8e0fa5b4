"""The stand-in over HTTP: routing, checks, envelopes, faults."""
