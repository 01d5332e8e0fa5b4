"""The answers of devices in the document: each message of appendix A.5 with an example, which mocks send."""

from __future__ import annotations

from docs.generate.declarations import Node, messages
from hpcli.isapi.messages import to_body


def message_media(message: str) -> str:
    """Return the media type of a message."""
    return "application/json" if message.startswith("JSON") else "application/xml"


def device_responses(whole: Node) -> Node:
    """Return a response for each message: what any device may answer, the example of the message in front.

    Args:
        whole: the response that all of them are.
    """
    made: Node = {}
    for name, plain in messages().items():
        media = message_media(name)
        example = plain if media == "application/json" else to_body(plain, name).decode()
        first = {media: {**whole["content"][media], "example": example}}
        made[name] = {
            **whole,
            "content": {**first, **{k: v for k, v in whole["content"].items() if k != media}},
        }
    return made
