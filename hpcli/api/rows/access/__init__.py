"""Of docs/openapi/access. Made by `python -m docs.generate`."""
