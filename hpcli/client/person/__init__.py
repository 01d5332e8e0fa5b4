"""Persons of access control."""
