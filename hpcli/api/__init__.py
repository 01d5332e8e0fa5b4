"""The calls of the platform, declared once."""
