"""Command line and Python client for the Hik-Partner Pro OpenAPI."""

__version__ = "0.1.0"
