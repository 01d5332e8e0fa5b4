"""Of docs/openapi/hotspare. Made by `python -m docs.generate`."""
