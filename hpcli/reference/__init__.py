"""What the guide knows: code lists, error codes, time zones, health values and the OpenAPI document.

Data files lie beside the modules and are read on first use, each once.
"""

from hpcli.reference.codes import Code, CodeList, code_list, code_list_names, shareable_permissions
from hpcli.reference.device_errors import (
    DeviceCode,
    device_codes,
    device_codes_by_name,
    device_codes_by_number,
)
from hpcli.reference.document import answer_fields, document, find_operation
from hpcli.reference.health import HealthValue, health_values, judge_health
from hpcli.reference.platform_errors import ErrorEntry, platform_error, platform_errors
from hpcli.reference.timezones import TimeZone, time_zone_by_number, time_zone_of, time_zones

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
    "judge_health",
    "platform_error",
    "platform_errors",
    "shareable_permissions",
    "time_zone_by_number",
    "time_zone_of",
    "time_zones",
]
