"""The loop that reads the queue, and what it prints."""
