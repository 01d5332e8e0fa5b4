"""What families and verbs of the command line share."""
