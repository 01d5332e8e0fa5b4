"""From messages of the alarm queue to events: one reader a kind of message."""
