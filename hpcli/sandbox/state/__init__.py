"""What the stand-in keeps: the account, its devices, its alarm queue."""
