"""What this computer keeps: private files, locks, the person book, object models."""
