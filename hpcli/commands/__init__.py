"""One file a family: options, one client call, one render call."""
