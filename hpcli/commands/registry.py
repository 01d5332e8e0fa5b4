"""The families of the command line: where each lives, and what it is for. The only list of them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entry:
    """A family, or a command that stands alone.

    Attributes:
        module: the module whose `app` builds it.
        summary: one line for the list of families.
        kind: `family` of the API, or `tool` of hpcli itself.
    """

    module: str
    summary: str
    kind: Literal["family", "tool"] = "family"


FAMILIES: dict[str, Entry] = {
    "auth": Entry("hpcli.commands.auth.group", "Sign in; profiles, tokens and device keys."),
    "installer": Entry("hpcli.commands.installer", "Employees of your company."),
    "site": Entry("hpcli.commands.site.group", "Sites of your customers."),
    "customer": Entry("hpcli.commands.customer.group", "End users whom sites are handed over to."),
    "health": Entry(
        "hpcli.commands.health.group", "The state of your customers' cameras, recorders and panels."
    ),
    "device": Entry("hpcli.commands.device.group", "Devices: list, add, ask and change them."),
    "panel": Entry("hpcli.commands.panel.group", "Alarm panels: arm, disarm, zones, relays."),
    "ptz": Entry("hpcli.commands.ptz.group", "Cameras that move: pan, tilt, zoom, presets."),
    "alarms": Entry("hpcli.commands.alarms.group", "Follow alarms, decrypt their pictures."),
    "arc": Entry("hpcli.commands.arc.group", "Devices that report to an alarm receiving centre."),
    "person": Entry("hpcli.commands.person.group", "Persons of access control: add, change, delete, copy."),
    "access": Entry("hpcli.commands.access.group", "Who may open which door."),
    "video": Entry("hpcli.commands.video", "Recordings of cameras and recorders."),
    "hotspare": Entry("hpcli.commands.hotspare.group", "Servers that stand in for each other."),
    "package": Entry("hpcli.commands.package", "Maintenance packages of devices."),
    "explain": Entry(
        "hpcli.commands.explain.codes", "Say what an error or event code means and what to do.", "tool"
    ),
    "timezones": Entry("hpcli.commands.timezones", "List the platform's time zones.", "tool"),
    "api": Entry("hpcli.commands.api", "Make any call of the platform, signed in.", "tool"),
    "sandbox": Entry("hpcli.commands.sandbox.group", "The bundled stand-in platform.", "tool"),
    "demo": Entry("hpcli.commands.demo", "Take a two-minute tour on the sandbox.", "tool"),
    "doctor": Entry(
        "hpcli.commands.doctor.report", "Check config, network, sign-in and alarms; say what to do.", "tool"
    ),
    "commands": Entry(
        "hpcli.commands.commands", "List every command with its options, calls and marks.", "tool"
    ),
    "config": Entry("hpcli.commands.config.group", "Settings that hold for every command.", "tool"),
    "completion": Entry("hpcli.commands.completion", "Print the completion script of a shell.", "tool"),
    "help": Entry(
        "hpcli.commands.help.show", "Explain a topic: options, exit codes, output, automation.", "tool"
    ),
}
