"""What devices answer: one file a family, each URI a function marked `@isapi(METHOD, URI)`."""
