"""`hpcli arc`: devices that report to an alarm receiving centre."""

from hpcli.commands.framework.family import Family

app = Family(
    {
        "list": ("list:list_devices", "List the devices that report to your receiving centre."),
        "site": ("site:show_site", "Show a site with its installer and its owner."),
        "enable": ("enable:enable_devices", "Let devices report to a receiving centre."),
        "disable": ("disable:disable_devices", "Stop devices reporting to a receiving centre."),
        "set-account": ("set_account:set_account", "Set the account numbers devices report under."),
        "set-events": ("set_events:set_events", "Set which events go to the receiving centre."),
    }
)
