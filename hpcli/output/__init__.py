"""Formats and tables: the only package that uses Rich.

A command passes rows and a `View` to the `Printer`; the options choose one of the formats. Data goes to
stdout in the order of arrival; the caller writes everything else to stderr.
"""

from hpcli.output.human_units import show_duration, show_size, show_time
from hpcli.output.json_text import json_line, json_text
from hpcli.output.printer import Printer
from hpcli.output.state_styles import paint, state
from hpcli.output.table_spec import Column, Format, Options, View
from hpcli.output.text import escape_controls

__all__ = [
    "Column",
    "Format",
    "Options",
    "Printer",
    "View",
    "escape_controls",
    "json_line",
    "json_text",
    "paint",
    "show_duration",
    "show_size",
    "show_time",
    "state",
]
