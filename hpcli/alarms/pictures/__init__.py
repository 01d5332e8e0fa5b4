"""Alarm pictures: their links, downloads, decryption and files."""
