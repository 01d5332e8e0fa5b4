"""`hpcli log`: the changes that were sent from this computer."""
