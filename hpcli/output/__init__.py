"""Formats and tables: the only part that knows Rich.

A command hands rows and a `View` to the `Printer`; the options say in which of the six formats they
appear. Data go to stdout, in the order they arrive; whatever else a person reads goes to stderr and is the
caller's.
"""

from hpcli.output.human_units import show_duration, show_size, show_time
from hpcli.output.json_text import json_line, json_text
from hpcli.output.outcome_table import OUTCOMES, Outcome
from hpcli.output.printer import Printer
from hpcli.output.progress import progress
from hpcli.output.state_styles import paint, state
from hpcli.output.table_spec import Column, Format, Options, View
from hpcli.output.text import escape_controls

__all__ = [
    "OUTCOMES",
    "Column",
    "Format",
    "Options",
    "Outcome",
    "Printer",
    "View",
    "escape_controls",
    "json_line",
    "json_text",
    "paint",
    "progress",
    "show_duration",
    "show_size",
    "show_time",
    "state",
]
