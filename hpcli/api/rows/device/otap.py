"""Rows of docs/openapi/device/otap.yaml. Made by `python -m docs.generate`."""

from typing import Any, TypedDict


class ProfileResourceLocalIndexRuleRuleRange(TypedDict, total=False):
    """`ruleRange` of `ProfileResourceLocalIndexRule`."""

    minimum: int
    """Lowest."""
    maximum: int
    """Highest."""
    step: int
    """Step."""


class ProfileResourceLocalIndexRule(TypedDict, total=False):
    """Rule for the numbers."""

    ruleType: str | None
    """Kind."""
    ruleRange: ProfileResourceLocalIndexRuleRuleRange | None


class ProfileItem(TypedDict, total=False):
    """A property, an operation or an event."""

    identifier: str
    """Name in calls."""
    version: str
    """Version."""
    title: str | None
    """Name for people."""
    sid: int | None
    """Short number."""
    access: str
    """Of a property, as in "rw"."""
    direction: str
    """Of an operation, as in "Plt2Dev"."""
    eventType: list[str]
    """Of an event, as in "notification"."""
    schema: dict[str, Any] | None
    """Schema of a property; of an operation it may be here or in input."""
    input: dict[str, Any] | None
    """What goes in; has schema."""
    output: dict[str, Any] | None
    """What comes out; has schema."""


class ProfileResourceDomains(TypedDict, total=False):
    """`domains` of `ProfileResource`."""

    identifier: str
    """Name in calls."""
    sid: int | None
    """Short number."""
    title: str | None
    """Name for people."""
    props: list[ProfileItem] | None
    actions: list[ProfileItem] | None
    events: list[ProfileItem] | None


ProfileResource = TypedDict(
    "ProfileResource",
    {
        "identifier": str,
        "title": str | None,
        "sid": int | None,
        "resourceCategory": str,
        "localIndex": list[str] | None,
        "localIndexRule": ProfileResourceLocalIndexRule | None,
        "dynamic": bool,
        "global": bool,
        "domains": list[ProfileResourceDomains],
    },
    total=False,
)
"""`ProfileResource` in answers."""


class ObjectModelProfile(TypedDict, total=False):
    """`profile` of `ObjectModel`."""

    version: str
    """Version."""
    capacities: dict[str, Any] | None
    """Capabilities."""
    resources: list[ProfileResource] | None


class ObjectModel(TypedDict, total=False):
    """Data of `PROFILE`: get the object model of a device."""

    gzipProfile: str | None
    """The model, compressed: base64 text or numbers."""
    productId: str
    """Number of the model."""
    version: str
    """Version."""
    md5: str
    """Digest."""
    changed: bool
    """Whether it differs from md5."""
    profile: ObjectModelProfile | None


class PropertyReply(TypedDict, total=False):
    """`PropertyReply` in answers."""

    deviceSerial: str
    """Serial number."""
    resourceCategory: str
    """Category of the resource."""
    localIndex: str
    """Number of the resource."""
    domainId: str
    """Domain."""
    propId: str
    """Property."""
    timestamp: int
    """Epoch milliseconds."""
    value: Any
    """Its value."""


class DeviceProperties(TypedDict, total=False):
    """Row of `BATCH_GET`: read properties of several devices from the platform's copy."""

    deviceSerial: str
    """Serial number."""
    propResps: list[PropertyReply]


class BatchReplyRow(TypedDict, total=False):
    """Row of `BATCH_SET`: write properties of several devices."""

    deviceSerial: str
    """Serial number."""
    errorCode: str
    """Result of the device; also sent as code, with "200" for success."""
    message: str | None
    """What happened."""


class DeviceReplies(TypedDict, total=False):
    """`DeviceReplies` in answers."""

    propResps: list[PropertyReply]
