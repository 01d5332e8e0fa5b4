"""Of docs/openapi/person. Made by `python -m docs.generate`."""
