"""What an event is: its fields, types, times, and how messages hold them."""
