"""Of docs/openapi/device. Made by `python -m docs.generate`."""
