"""The journal of an account: every alarm read, and what became of it."""
