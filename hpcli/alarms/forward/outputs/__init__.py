"""The outputs: a file each, found by folder, with an `OUTPUT` of type `kind.OutputKind`."""
