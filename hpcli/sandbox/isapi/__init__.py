"""What devices answer: one file a part of ISAPI, each URI a function marked `@isapi(METHOD, URI)`."""

from hpcli.sandbox.isapi import access, channels, outputs, panel, ptz, system
from hpcli.sandbox.isapi.device.registry import answer_device

PARTS = (access, channels, outputs, panel, ptz, system)
"""The files whose functions are registered by importing them."""

__all__ = ["PARTS", "answer_device"]
