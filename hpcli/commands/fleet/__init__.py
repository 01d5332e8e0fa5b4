"""`hpcli fleet`: the account as a file."""
