"""What devices speak behind the platform: XML and JSON messages, their errors, their searches.

Everything here is pure: bytes in, plain data or typed errors out (guide appendices A.4 to A.7).
"""
