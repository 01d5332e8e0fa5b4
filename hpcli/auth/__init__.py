"""Accounts, profiles, keys, tokens and the call limit: everything an account keeps on this computer."""
