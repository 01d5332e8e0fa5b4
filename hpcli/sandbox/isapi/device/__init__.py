"""What the functions of devices share: their registry, refusals and rights."""
