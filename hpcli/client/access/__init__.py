"""Who may open which door, and what happened there."""
