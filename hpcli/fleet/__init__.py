"""The account as a file: reading it, comparing two of it, and making an account as a file says."""
