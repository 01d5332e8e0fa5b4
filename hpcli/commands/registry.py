"""The only list of command families: the module and the summary of each."""

from typing import Literal, NamedTuple


class Entry(NamedTuple):
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
    "auth": Entry("hpcli.commands.auth.group", "Sign in; manage profiles, tokens and device keys."),
    "installer": Entry("hpcli.commands.installer", "List the employees of your company."),
    "site": Entry("hpcli.commands.site.group", "Manage your customers' sites."),
    "customer": Entry("hpcli.commands.customer.group", "Manage the end users of sites."),
    "health": Entry("hpcli.commands.health.group", "Report the state of cameras, recorders and panels."),
    "device": Entry("hpcli.commands.device.group", "Manage devices: list, add, query and change them."),
    "panel": Entry("hpcli.commands.panel.group", "Control alarm panels: arm, disarm, zones, relays."),
    "ptz": Entry("hpcli.commands.ptz.group", "Control PTZ cameras: pan, tilt, zoom, presets."),
    "alarms": Entry("hpcli.commands.alarms.group", "Follow alarms and decrypt their pictures."),
    "arc": Entry("hpcli.commands.arc.group", "Manage devices that report to an alarm receiving centre."),
    "person": Entry(
        "hpcli.commands.person.group", "Manage access control persons: add, change, delete, copy."
    ),
    "access": Entry("hpcli.commands.access.group", "Control who may open which door."),
    "video": Entry("hpcli.commands.video", "List recordings of cameras and recorders."),
    "hotspare": Entry("hpcli.commands.hotspare.group", "Manage hot-spare servers and their shared files."),
    "package": Entry("hpcli.commands.package", "Activate maintenance packages for devices."),
    "fleet": Entry(
        "hpcli.commands.fleet.group", "Keep the account as a file: export, compare, apply.", "tool"
    ),
    "metrics": Entry("hpcli.commands.metrics.group", "Serve numbers to Prometheus.", "tool"),
    "log": Entry("hpcli.commands.log.group", "Show, undo and resume the changes sent from here.", "tool"),
    "explain": Entry("hpcli.commands.explain.codes", "Explain error and event codes.", "tool"),
    "timezones": Entry("hpcli.commands.timezones", "List the platform's time zones.", "tool"),
    "api": Entry("hpcli.commands.api", "Make an authenticated API request.", "tool"),
    "sandbox": Entry("hpcli.commands.sandbox.group", "Run the bundled stand-in platform.", "tool"),
    "demo": Entry("hpcli.commands.demo", "Take a two-minute tour on the sandbox.", "tool"),
    "doctor": Entry(
        "hpcli.commands.doctor.report", "Check config, network, sign-in and alarms; suggest fixes.", "tool"
    ),
    "commands": Entry(
        "hpcli.commands.commands", "List every command with its options, calls and marks.", "tool"
    ),
    "config": Entry("hpcli.commands.config.group", "View and change settings.", "tool"),
    "completion": Entry("hpcli.commands.completion", "Print the completion script of a shell.", "tool"),
    "help": Entry(
        "hpcli.commands.help.show", "Explain a topic: options, exit codes, output, automation.", "tool"
    ),
}
