"""What the guide knows: code lists, error codes, time zones, health values and the OpenAPI document.

Data files lie beside the modules and are read on first use, each once. The modules that few commands need are
imported on first use too.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hpcli.reference.codes import Code, CodeList, code_list, code_list_names, is_ax_pro, shareable_permissions
from hpcli.reference.document import answer_fields, document, find_operation, properties_of, resolve
from hpcli.reference.platform_errors import ErrorEntry, platform_error, platform_errors

if TYPE_CHECKING:
    from hpcli.reference.device_errors import (
        DeviceCode,
        device_codes,
        device_codes_by_name,
        device_codes_by_number,
    )
    from hpcli.reference.health import HealthValue, health_values, judge_health
    from hpcli.reference.timezones import TimeZone, time_zone_by_number, time_zone_of, time_zones

_MODULES = {
    "device_errors": ("DeviceCode", "device_codes", "device_codes_by_name", "device_codes_by_number"),
    "health": ("HealthValue", "health_values", "judge_health"),
    "timezones": ("TimeZone", "time_zone_by_number", "time_zone_of", "time_zones"),
}

__all__ = [
    "Code",
    "CodeList",
    "DeviceCode",
    "ErrorEntry",
    "HealthValue",
    "TimeZone",
    "answer_fields",
    "code_list",
    "code_list_names",
    "device_codes",
    "device_codes_by_name",
    "device_codes_by_number",
    "document",
    "find_operation",
    "health_values",
    "is_ax_pro",
    "judge_health",
    "platform_error",
    "platform_errors",
    "properties_of",
    "resolve",
    "shareable_permissions",
    "time_zone_by_number",
    "time_zone_of",
    "time_zones",
]


def __getattr__(name: str) -> Any:
    """Import what a name stands for when it is first used (PEP 562)."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
