"""The stored state of the stand-in: the account, its devices, its alarm queue."""
