"""Devices: the account's list of them, and what they are asked directly."""
