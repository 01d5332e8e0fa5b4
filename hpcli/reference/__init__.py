"""What the guide knows: code lists, error codes, time zones, health values and the OpenAPI document.

Data files lie beside the modules and are read on first use, each once.
"""
