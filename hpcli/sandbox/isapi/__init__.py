"""What devices answer: one file a part of ISAPI, each URI a function marked `@isapi(METHOD, URI)`."""

from hpcli.sandbox.isapi import channels, panel, system
from hpcli.sandbox.isapi.registry import answer_device

PARTS = (channels, panel, system)
"""The files whose functions are registered by importing them."""

__all__ = ["PARTS", "answer_device"]
