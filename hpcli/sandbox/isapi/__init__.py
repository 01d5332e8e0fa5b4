"""The answers of devices: one file for each family, one function marked `@isapi(METHOD, URI)` for each URI."""
