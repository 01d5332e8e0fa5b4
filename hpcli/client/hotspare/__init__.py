"""Servers that stand in for each other, and their files."""
