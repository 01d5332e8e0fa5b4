"""Make what is made from the calls and the commands."""
